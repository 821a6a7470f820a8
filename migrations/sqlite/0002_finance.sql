-- Facts about a shop's money (finance-facts/1), each by kind and id. Nothing is overwritten: a correction is another
-- version, and the newest one whose import stands is in force.
CREATE TABLE finance_imports (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    source TEXT NOT NULL,
    told INTEGER NOT NULL,
    added INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    undone_at INTEGER,
    PRIMARY KEY (merchant_id, id)
);

CREATE TABLE finance_entries (
    merchant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    fact_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    import_id BLOB NOT NULL,
    occurred_on TEXT,
    -- JSON as it came, so that what is read back is what was told.
    body TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, kind, fact_id, version)
);

CREATE INDEX finance_entries_import ON finance_entries (merchant_id, import_id);
CREATE INDEX finance_entries_day ON finance_entries (merchant_id, kind, occurred_on);

-- Facts about a shop's money (finance-facts/1), each by kind and id. Nothing is overwritten: a correction is another
-- version, and the newest one whose import stands is in force.
CREATE TABLE finance_imports (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    source TEXT NOT NULL,
    told BIGINT NOT NULL,
    added BIGINT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id)
);

CREATE TABLE finance_entries (
    merchant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    fact_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    import_id UUID NOT NULL,
    occurred_on TEXT,
    -- JSON as it came, so that what is read back is what was told.
    body TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, kind, fact_id, version)
);

CREATE INDEX finance_entries_import ON finance_entries (merchant_id, import_id);
CREATE INDEX finance_entries_day ON finance_entries (merchant_id, kind, occurred_on);

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_imports TO recado_engine, recado_app;
ALTER TABLE finance_imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_imports FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_imports TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_imports TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON finance_entries TO recado_engine, recado_app;
ALTER TABLE finance_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_entries TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_entries TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- Changes on outside systems: shown, confirmed, then done at most once.
-- status: 0 proposed, 1 open, 2 working, 3 done, 4 failed, 5 uncertain.
CREATE TABLE actions (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    status INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    confirmed_by TEXT,
    calls INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    proposed_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    called_at INTEGER,
    owner BLOB,
    leased_until INTEGER,
    settled_at INTEGER,
    reason TEXT,
    turn_id BLOB,
    trace_id BLOB NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

CREATE INDEX actions_open ON actions (available_at) WHERE status IN (1, 2);
CREATE INDEX actions_subject ON actions (merchant_id, kind, subject);

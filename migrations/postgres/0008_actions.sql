-- Changes on outside systems: shown, confirmed, then done at most once.
-- status: 0 proposed, 1 open, 2 working, 3 done, 4 failed, 5 uncertain.
CREATE TABLE actions (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    action JSONB NOT NULL,
    status BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    confirmed_by TEXT,
    calls BIGINT NOT NULL,
    looks BIGINT NOT NULL,
    proposed_at TIMESTAMPTZ NOT NULL,
    available_at TIMESTAMPTZ NOT NULL,
    called_at TIMESTAMPTZ,
    owner UUID,
    leased_until TIMESTAMPTZ,
    settled_at TIMESTAMPTZ,
    reason TEXT,
    turn_id UUID,
    trace_id UUID NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

CREATE INDEX actions_open ON actions (available_at) WHERE status IN (1, 2);
CREATE INDEX actions_subject ON actions (merchant_id, kind, subject);

GRANT SELECT, INSERT, UPDATE, DELETE ON actions TO recado_engine, recado_app;
ALTER TABLE actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE actions FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON actions TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON actions TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- What members want to be told unasked, one row for each kind, and what became of it.
CREATE TABLE digests (
    merchant_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    -- daily, weekly, alerts
    kind TEXT NOT NULL,
    -- 1 = Monday
    weekday BIGINT NOT NULL,
    -- Of the shop's day.
    minute BIGINT NOT NULL,
    -- Days of the shop, YYYY-MM-DD: through which it was told, and when one came due that waits until the member writes.
    told_through TEXT,
    held TEXT,
    -- Of alerts: whether cash was short when it was last looked at.
    short BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, conversation_id, kind)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON digests TO recado_engine, recado_app;
ALTER TABLE digests ENABLE ROW LEVEL SECURITY;
ALTER TABLE digests FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON digests TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON digests TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

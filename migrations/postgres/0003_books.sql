-- How often the facts behind a shop's books have changed. Whoever changes one counts here, in the same transaction; a shard
-- for each process, so that they do not wait for each other. The version is the sum over the shards; it only grows.
CREATE TABLE finance_changes (
    merchant_id UUID NOT NULL,
    shard BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, shard)
);

-- Programs that may ask for a shop's figures. Only the SHA-256 of a token is kept.
CREATE TABLE api_tokens (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    finance BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (token_hash)
);

-- The order's lines in a parcel, by the shop's id; null = not told, so all of them.
ALTER TABLE shipments ADD COLUMN line_ids JSONB;

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_changes TO recado_engine, recado_app;
ALTER TABLE finance_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_changes TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_changes TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON api_tokens TO recado_engine, recado_app;
ALTER TABLE api_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON api_tokens TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON api_tokens TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

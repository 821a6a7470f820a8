-- What was erased, to be found again in a copy of this database that was taken before: hashes under the key below. They
-- name nobody without it, and the list of them that is kept elsewhere does not hold it.
CREATE TABLE erasures (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    everybody BOOLEAN NOT NULL,
    marks JSONB NOT NULL,
    erased_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON erasures TO recado_engine, recado_app;
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON erasures TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON erasures TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- One row. Made here, so that every backup from now on has it.
CREATE TABLE erasure_key (
    id BIGINT PRIMARY KEY NOT NULL,
    key BYTEA NOT NULL
);
GRANT SELECT ON erasure_key TO recado_engine;
INSERT INTO erasure_key (id, key)
    VALUES (1, sha256(convert_to(CAST(gen_random_uuid() AS TEXT) || CAST(gen_random_uuid() AS TEXT) || CAST(gen_random_uuid() AS TEXT), 'UTF8')));

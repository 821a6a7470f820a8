-- What a shop's own answers mean to the model that makes vectors, where one is configured. Made in the background, for the
-- answer as it was at `of_at`: one that was changed since has no meaning until it is made anew.
CREATE TABLE knowledge_meanings (
    merchant_id UUID NOT NULL,
    entry_id UUID NOT NULL,
    model TEXT NOT NULL,
    dimension BIGINT NOT NULL,
    -- So many numbers of four bytes, the lowest byte first.
    vector BYTEA NOT NULL,
    -- How near the vector is to sentences about nothing, and the deviation of that.
    usual DOUBLE PRECISION NOT NULL,
    spread DOUBLE PRECISION NOT NULL,
    of_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, entry_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON knowledge_meanings TO recado_engine, recado_app;
ALTER TABLE knowledge_meanings ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_meanings FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON knowledge_meanings TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON knowledge_meanings TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- What buyers dispute with their banks. Each telling is a row of its own, and none replaces another: they come repeated, out of
-- order and without a version.
CREATE TABLE disputes (
    merchant_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    -- A digest of the telling.
    version TEXT NOT NULL,
    -- Null: it names no order. The order itself may come later.
    order_id UUID,
    facts JSONB NOT NULL,
    -- When the shop told just this, first and last.
    first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, external_id, version)
);
CREATE INDEX disputes_order ON disputes (merchant_id, order_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON disputes TO recado_engine, recado_app;
ALTER TABLE disputes ENABLE ROW LEVEL SECURITY;
ALTER TABLE disputes FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON disputes TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON disputes TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

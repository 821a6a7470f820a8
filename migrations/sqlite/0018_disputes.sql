-- What buyers dispute with their banks. Each telling is a row of its own, and none replaces another: they come repeated, out of
-- order and without a version.
CREATE TABLE disputes (
    merchant_id BLOB NOT NULL,
    external_id TEXT NOT NULL,
    -- A digest of the telling.
    version TEXT NOT NULL,
    -- Null: it names no order. The order itself may come later.
    order_id BLOB,
    facts TEXT NOT NULL,
    -- When the shop told just this, first and last.
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, external_id, version)
);
CREATE INDEX disputes_order ON disputes (merchant_id, order_id);

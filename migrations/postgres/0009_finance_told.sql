-- Orders and parcels that webhooks told and that the day book has not folded yet. Each telling is a row of its own: whoever
-- tells never waits for whoever folds, and what is told while an order is folded is folded once more.
CREATE TABLE finance_told (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    -- 'told_orders' or 'told_parcels'
    kind TEXT NOT NULL,
    thing_id UUID NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- How old the data of a shop are, without reading all its orders.
CREATE INDEX orders_told ON orders (merchant_id, told_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_told TO recado_engine, recado_app;
ALTER TABLE finance_told ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_told FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_told TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_told TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- Orders and parcels that webhooks told and that the day book has not folded yet. Each telling is a row of its own: whoever
-- tells never waits for whoever folds, and what is told while an order is folded is folded once more.
CREATE TABLE finance_told (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    -- 'told_orders' or 'told_parcels'
    kind TEXT NOT NULL,
    thing_id BLOB NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- How old the data of a shop are, without reading all its orders.
CREATE INDEX orders_told ON orders (merchant_id, told_at);

-- What customers asked the shop for, from the asking to the decision. One person has one open request of a kind for an
-- order at a time.
CREATE TABLE requests (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    number INTEGER NOT NULL,
    conversation_id BLOB NOT NULL,
    -- Empty when it is about no order.
    order_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    status TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    note TEXT,
    PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX requests_number ON requests (merchant_id, number);
CREATE UNIQUE INDEX requests_open ON requests (merchant_id, conversation_id, kind, order_name) WHERE status = 'open';
CREATE INDEX requests_status ON requests (merchant_id, status, asked_at);

-- What customers asked the shop for, from the asking to the decision. One person has one open request of a kind for an
-- order at a time.
CREATE TABLE requests (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    number BIGINT NOT NULL,
    conversation_id UUID NOT NULL,
    -- Empty when it is about no order.
    order_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    details JSONB NOT NULL,
    status TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMPTZ,
    note TEXT,
    PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX requests_number ON requests (merchant_id, number);
CREATE UNIQUE INDEX requests_open ON requests (merchant_id, conversation_id, kind, order_name) WHERE status = 'open';
CREATE INDEX requests_status ON requests (merchant_id, status, asked_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON requests TO recado_engine, recado_app;
ALTER TABLE requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE requests FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON requests TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON requests TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- The shops: the tenants of everything.
CREATE TABLE merchants (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    country TEXT NOT NULL,
    timezone TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Our addresses on the platforms, each of one merchant.
CREATE TABLE channels (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    merchant_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, value)
);

-- People of the staff; Telegram commands are accepted from their user id.
CREATE TABLE staff (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    telegram_user_id BIGINT,
    merchant_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (telegram_user_id)
);

-- HTTP deliveries as they came.
CREATE TABLE arrivals (
    id UUID PRIMARY KEY,
    source TEXT NOT NULL,
    headers JSONB NOT NULL,
    body BYTEA NOT NULL,
    body_hash BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    trace_id UUID NOT NULL
);

-- The inbox. status: 0 open, 1 done, 2 dead, 3 skipped.
CREATE TABLE events (
    id UUID PRIMARY KEY,
    arrival_id UUID,
    merchant_id UUID,
    source TEXT NOT NULL,
    dedupe TEXT NOT NULL,
    body_dedupe TEXT,
    lane_id UUID NOT NULL,
    lane_kind TEXT NOT NULL,
    kind TEXT NOT NULL,
    content JSONB NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    available_at TIMESTAMPTZ NOT NULL,
    status BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    reason TEXT,
    turn_id UUID,
    trace_id UUID NOT NULL,
    settled_at TIMESTAMPTZ,
    UNIQUE (dedupe)
);

-- One row a lane that ever ran. A lane is leased while leased_until is in the future; epoch fences every write.
CREATE TABLE lanes (
    id UUID PRIMARY KEY,
    merchant_id UUID,
    kind TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    owner UUID,
    leased_until TIMESTAMPTZ,
    turns BIGINT NOT NULL,
    last_turn_at TIMESTAMPTZ
);

-- Committed turns, with why.
CREATE TABLE turns (
    id UUID PRIMARY KEY,
    lane_id UUID NOT NULL,
    merchant_id UUID,
    epoch BIGINT NOT NULL,
    events BIGINT NOT NULL,
    agent TEXT NOT NULL,
    principal TEXT NOT NULL,
    trace JSONB NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL
);

-- Running processes; on Postgres each holds an advisory lock on lock_key while it lives.
CREATE TABLE replicas (
    id UUID PRIMARY KEY,
    lock_key BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL
);

-- Counters that outlive a process.
CREATE TABLE tallies (
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name)
);

-- Which person an id on a channel names.
CREATE TABLE identities (
    merchant_id UUID NOT NULL,
    channel TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, channel, value)
);

-- A person's conversation with a merchant; id is also its lane and its contact.
CREATE TABLE conversations (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id TEXT,
    wa_id TEXT,
    phone_key TEXT,
    phone_number_id TEXT NOT NULL,
    profile_name TEXT,
    language TEXT,
    owner JSONB NOT NULL,
    owner_kind TEXT NOT NULL,
    waiting_since TIMESTAMPTZ,
    stopped BOOLEAN NOT NULL,
    last_inbound_at TIMESTAMPTZ,
    last_message_at TIMESTAMPTZ,
    last_text TEXT,
    turns BIGINT NOT NULL,
    position BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- What was said, in and out.
CREATE TABLE messages (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    buttons JSONB NOT NULL,
    provider_id TEXT,
    outbox_id UUID,
    event_id UUID,
    turn_id UUID,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- What is to be sent. status: 0 queued, 1 sending, 2 sent, 3 settling, 4 failed, 5 uncertain, 6 dismissed.
CREATE TABLE outbox (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    lane_id UUID NOT NULL,
    turn_id UUID,
    channel TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    recipient JSONB NOT NULL,
    message JSONB NOT NULL,
    conversation_id UUID,
    subject_kind TEXT,
    subject_id UUID,
    position BIGINT NOT NULL,
    status BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    available_at TIMESTAMPTZ NOT NULL,
    owner UUID,
    leased_until TIMESTAMPTZ,
    provider_id TEXT,
    receipt BIGINT NOT NULL,
    receipt_at TIMESTAMPTZ,
    reason TEXT,
    trace_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    sending_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id)
);

-- Wake-ups. status: 0 open, 1 done, 2 cancelled.
CREATE TABLE timers (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    lane_id UUID NOT NULL,
    conversation_id UUID,
    kind TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    status BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Orders as the shop last told them.
CREATE TABLE orders (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    number TEXT NOT NULL,
    phone_key TEXT,
    email_key TEXT,
    customer_id TEXT,
    currency TEXT NOT NULL,
    total BIGINT NOT NULL,
    financial_status TEXT,
    fulfillment_status TEXT,
    processed_at TIMESTAMPTZ NOT NULL,
    last_money_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    cancelled_at TIMESTAMPTZ,
    deleted_at TIMESTAMPTZ,
    told_at TIMESTAMPTZ NOT NULL,
    facts JSONB NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Refunds that arrived by themselves; merged into their order when read.
CREATE TABLE refunds (
    merchant_id UUID NOT NULL,
    order_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    facts JSONB NOT NULL,
    processed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, order_id, external_id)
);

-- Parcels.
CREATE TABLE shipments (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    carrier TEXT,
    carrier_key TEXT NOT NULL,
    city TEXT,
    city_key TEXT NOT NULL,
    tracking_number TEXT,
    tracking_key TEXT,
    tracking_url TEXT,
    status TEXT NOT NULL,
    problem BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    last_event_at TIMESTAMPTZ NOT NULL,
    last_city TEXT,
    last_message TEXT,
    estimated_delivery_at TIMESTAMPTZ,
    delivered_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Scans.
CREATE TABLE shipment_events (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    shipment_id UUID NOT NULL,
    status TEXT,
    raw TEXT NOT NULL,
    message TEXT,
    city TEXT,
    happened_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Products, customers and checkouts as last told.
CREATE TABLE things (
    merchant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    facts JSONB NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, kind, external_id)
);

-- Who may act for the merchant, by channel identity.
CREATE TABLE members (
    merchant_id UUID NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    finance BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, identity)
);

-- Something is wrong for many.
CREATE TABLE incidents (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    dimension TEXT NOT NULL,
    severity BIGINT NOT NULL,
    status TEXT NOT NULL,
    evidence JSONB NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at TIMESTAMPTZ,
    resolved_by TEXT,
    resolved_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number)
);

-- Failed proofs of an order, for the lock.
CREATE TABLE proof_failures (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    contact_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Privacy requests of the platform, to be answered.
CREATE TABLE compliance_requests (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    request TEXT NOT NULL,
    subject JSONB NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id)
);

-- Who did what.
CREATE TABLE audit (
    id UUID PRIMARY KEY,
    merchant_id UUID,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE TABLE admin_users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    merchant_id UUID,
    language TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    disabled_at TIMESTAMPTZ,
    UNIQUE (email)
);

CREATE TABLE admin_logins (
    token_hash BYTEA PRIMARY KEY,
    user_id UUID NOT NULL,
    csrf TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ip_hash BYTEA
);

CREATE TABLE login_attempts (
    key TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    id UUID PRIMARY KEY
);

CREATE UNIQUE INDEX events_body ON events (body_dedupe) WHERE body_dedupe IS NOT NULL;
CREATE INDEX events_open ON events (available_at) WHERE status = 0;
CREATE INDEX events_lane_open ON events (lane_id, occurred_at, id) WHERE status = 0;
CREATE INDEX events_settled ON events (status, settled_at) WHERE status IN (2, 3);
CREATE INDEX events_recent ON events (received_at);
CREATE INDEX lanes_owner ON lanes (owner) WHERE owner IS NOT NULL;
CREATE INDEX turns_lane ON turns (lane_id, committed_at);
CREATE INDEX outbox_queued ON outbox (available_at, position) WHERE status = 0;
CREATE INDEX outbox_recipient_open ON outbox (recipient_key, position) WHERE status IN (0, 1, 3);
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE status IN (1, 3);
CREATE INDEX outbox_provider ON outbox (provider_id);
CREATE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_turn ON outbox (turn_id);
CREATE INDEX outbox_troubled ON outbox (status, created_at) WHERE status IN (4, 5);
CREATE INDEX messages_conversation ON messages (merchant_id, conversation_id, at);
CREATE INDEX messages_provider ON messages (merchant_id, provider_id);
CREATE INDEX conversations_recent ON conversations (merchant_id, last_message_at);
CREATE INDEX conversations_people ON conversations (owner_kind, waiting_since) WHERE owner_kind <> 'bot';
CREATE INDEX timers_due ON timers (due_at) WHERE status = 0;
CREATE UNIQUE INDEX timers_one ON timers (merchant_id, lane_id, kind) WHERE status = 0;
CREATE UNIQUE INDEX orders_external ON orders (merchant_id, external_id);
CREATE INDEX orders_number ON orders (merchant_id, number);
CREATE INDEX orders_phone ON orders (merchant_id, phone_key);
CREATE INDEX orders_email ON orders (merchant_id, email_key);
CREATE INDEX orders_money ON orders (merchant_id, last_money_at);
CREATE INDEX shipments_order ON shipments (merchant_id, order_id);
CREATE INDEX shipments_tracking ON shipments (merchant_id, tracking_key);
CREATE INDEX shipments_place ON shipments (merchant_id, carrier_key, city_key);
CREATE INDEX shipment_events_shipment ON shipment_events (merchant_id, shipment_id, happened_at);
CREATE UNIQUE INDEX incidents_one_open ON incidents (merchant_id, kind, dimension) WHERE status <> 'resolved';
CREATE INDEX proof_failures_recent ON proof_failures (merchant_id, contact_id, at);
CREATE INDEX audit_recent ON audit (at);
CREATE INDEX login_attempts_key ON login_attempts (key, at);
CREATE INDEX admin_logins_user ON admin_logins (user_id);

-- Queue tables live by short-lived rows: vacuum them early, and leave room for updates in place.
ALTER TABLE events SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE outbox SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE lanes SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE conversations SET (fillfactor = 70);

-- The application never works as the owner of its tables. `recado_engine` runs the queues of all merchants;
-- `recado_app` reads facts for one merchant at a time and sees nothing else, whatever it asks.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'recado_engine') THEN
        BEGIN CREATE ROLE recado_engine NOLOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'recado_app') THEN
        BEGIN CREATE ROLE recado_app NOLOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    -- A superuser may become anyone. The roles belong to the whole server: granting them in two databases at once fails.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT recado_engine, recado_app TO %I', current_user);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO recado_engine, recado_app', current_schema());
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON merchants TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON channels TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON arrivals TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON events TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON lanes TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON turns TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON replicas TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON tallies TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON audit TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON admin_users TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON admin_logins TO recado_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON login_attempts TO recado_engine;
GRANT SELECT ON merchants, channels TO recado_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON identities TO recado_engine, recado_app;
ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON identities TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON identities TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON conversations TO recado_engine, recado_app;
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON conversations TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON conversations TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON messages TO recado_engine, recado_app;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON messages TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON messages TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO recado_engine, recado_app;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON outbox TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON outbox TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON timers TO recado_engine, recado_app;
ALTER TABLE timers ENABLE ROW LEVEL SECURITY;
ALTER TABLE timers FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON timers TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON timers TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO recado_engine, recado_app;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON orders TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON orders TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON refunds TO recado_engine, recado_app;
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE refunds FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON refunds TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON refunds TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON shipments TO recado_engine, recado_app;
ALTER TABLE shipments ENABLE ROW LEVEL SECURITY;
ALTER TABLE shipments FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON shipments TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON shipments TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON shipment_events TO recado_engine, recado_app;
ALTER TABLE shipment_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE shipment_events FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON shipment_events TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON shipment_events TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON things TO recado_engine, recado_app;
ALTER TABLE things ENABLE ROW LEVEL SECURITY;
ALTER TABLE things FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON things TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON things TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON members TO recado_engine, recado_app;
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON members TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON members TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON incidents TO recado_engine, recado_app;
ALTER TABLE incidents ENABLE ROW LEVEL SECURITY;
ALTER TABLE incidents FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON incidents TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON incidents TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON proof_failures TO recado_engine, recado_app;
ALTER TABLE proof_failures ENABLE ROW LEVEL SECURITY;
ALTER TABLE proof_failures FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON proof_failures TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON proof_failures TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON compliance_requests TO recado_engine, recado_app;
ALTER TABLE compliance_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON compliance_requests TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON compliance_requests TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

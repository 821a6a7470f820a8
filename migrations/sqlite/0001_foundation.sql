-- The shops: the tenants of everything.
CREATE TABLE merchants (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    country TEXT NOT NULL,
    timezone TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- Our addresses on the platforms, each of one merchant.
CREATE TABLE channels (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    merchant_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
);

-- People of the staff; Telegram commands are accepted from their user id.
CREATE TABLE staff (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    telegram_user_id INTEGER,
    merchant_id BLOB,
    created_at INTEGER NOT NULL,
    UNIQUE (telegram_user_id)
);

-- HTTP deliveries as they came.
CREATE TABLE arrivals (
    id BLOB PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    trace_id BLOB NOT NULL
);

-- The inbox. status: 0 open, 1 done, 2 dead, 3 skipped.
CREATE TABLE events (
    id BLOB PRIMARY KEY NOT NULL,
    arrival_id BLOB,
    merchant_id BLOB,
    source TEXT NOT NULL,
    dedupe TEXT NOT NULL,
    body_dedupe TEXT,
    lane_id BLOB NOT NULL,
    lane_kind TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    reason TEXT,
    turn_id BLOB,
    trace_id BLOB NOT NULL,
    settled_at INTEGER,
    UNIQUE (dedupe)
);

-- One row a lane that ever ran. A lane is leased while leased_until is in the future; epoch fences every write.
CREATE TABLE lanes (
    id BLOB PRIMARY KEY NOT NULL,
    merchant_id BLOB,
    kind TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    owner BLOB,
    leased_until INTEGER,
    turns INTEGER NOT NULL,
    last_turn_at INTEGER
);

-- Committed turns, with why.
CREATE TABLE turns (
    id BLOB PRIMARY KEY NOT NULL,
    lane_id BLOB NOT NULL,
    merchant_id BLOB,
    epoch INTEGER NOT NULL,
    events INTEGER NOT NULL,
    agent TEXT NOT NULL,
    principal TEXT NOT NULL,
    trace TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    committed_at INTEGER NOT NULL
);

-- Running processes; on Postgres each holds an advisory lock on lock_key while it lives.
CREATE TABLE replicas (
    id BLOB PRIMARY KEY NOT NULL,
    lock_key INTEGER NOT NULL,
    started_at INTEGER NOT NULL
);

-- Counters that outlive a process.
CREATE TABLE tallies (
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name)
);

-- Which person an id on a channel names.
CREATE TABLE identities (
    merchant_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, channel, value)
);

-- A person's conversation with a merchant; id is also its lane and its contact.
CREATE TABLE conversations (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id TEXT,
    wa_id TEXT,
    phone_key TEXT,
    phone_number_id TEXT NOT NULL,
    profile_name TEXT,
    language TEXT,
    owner TEXT NOT NULL,
    owner_kind TEXT NOT NULL,
    waiting_since INTEGER,
    stopped BOOLEAN NOT NULL,
    last_inbound_at INTEGER,
    last_message_at INTEGER,
    last_text TEXT,
    turns INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- What was said, in and out.
CREATE TABLE messages (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    buttons TEXT NOT NULL,
    provider_id TEXT,
    outbox_id BLOB,
    event_id BLOB,
    turn_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- What is to be sent. status: 0 queued, 1 sending, 2 sent, 3 settling, 4 failed, 5 uncertain, 6 dismissed.
CREATE TABLE outbox (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    lane_id BLOB NOT NULL,
    turn_id BLOB,
    channel TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message TEXT NOT NULL,
    conversation_id BLOB,
    subject_kind TEXT,
    subject_id BLOB,
    position INTEGER NOT NULL,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    owner BLOB,
    leased_until INTEGER,
    provider_id TEXT,
    receipt INTEGER NOT NULL,
    receipt_at INTEGER,
    reason TEXT,
    trace_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    sending_at INTEGER,
    sent_at INTEGER,
    PRIMARY KEY (merchant_id, id)
);

-- Wake-ups. status: 0 open, 1 done, 2 cancelled.
CREATE TABLE timers (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    lane_id BLOB NOT NULL,
    conversation_id BLOB,
    kind TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Orders as the shop last told them.
CREATE TABLE orders (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    number TEXT NOT NULL,
    phone_key TEXT,
    email_key TEXT,
    customer_id TEXT,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    financial_status TEXT,
    fulfillment_status TEXT,
    processed_at INTEGER NOT NULL,
    last_money_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    cancelled_at INTEGER,
    deleted_at INTEGER,
    told_at INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Refunds that arrived by themselves; merged into their order when read.
CREATE TABLE refunds (
    merchant_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    external_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    processed_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, order_id, external_id)
);

-- Parcels.
CREATE TABLE shipments (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    order_id BLOB NOT NULL,
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
    last_event_at INTEGER NOT NULL,
    last_city TEXT,
    last_message TEXT,
    estimated_delivery_at INTEGER,
    delivered_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Scans.
CREATE TABLE shipment_events (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    shipment_id BLOB NOT NULL,
    status TEXT,
    raw TEXT NOT NULL,
    message TEXT,
    city TEXT,
    happened_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Products, customers and checkouts as last told.
CREATE TABLE things (
    merchant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (merchant_id, kind, external_id)
);

-- Who may act for the merchant, by channel identity.
CREATE TABLE members (
    merchant_id BLOB NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    finance BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, identity)
);

-- Something is wrong for many.
CREATE TABLE incidents (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    dimension TEXT NOT NULL,
    severity INTEGER NOT NULL,
    status TEXT NOT NULL,
    evidence TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    resolved_by TEXT,
    resolved_at INTEGER,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, number)
);

-- Failed proofs of an order, for the lock.
CREATE TABLE proof_failures (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Privacy requests of the platform, to be answered.
CREATE TABLE compliance_requests (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    request TEXT NOT NULL,
    subject TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (merchant_id, id)
);

-- Who did what.
CREATE TABLE audit (
    id BLOB PRIMARY KEY NOT NULL,
    merchant_id BLOB,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE TABLE admin_users (
    id BLOB PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    merchant_id BLOB,
    language TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    UNIQUE (email)
);

CREATE TABLE admin_logins (
    token_hash BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL,
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ip_hash BLOB
);

CREATE TABLE login_attempts (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    id BLOB PRIMARY KEY NOT NULL
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

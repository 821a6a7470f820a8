-- What members want to be told unasked, one row for each kind, and what became of it.
CREATE TABLE digests (
    merchant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    -- daily, weekly, alerts
    kind TEXT NOT NULL,
    -- 1 = Monday
    weekday INTEGER NOT NULL,
    -- Of the shop's day.
    minute INTEGER NOT NULL,
    -- Days of the shop, YYYY-MM-DD: through which it was told, and when one came due that waits until the member writes.
    told_through TEXT,
    held TEXT,
    -- Of alerts: whether cash was short when it was last looked at.
    short INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, conversation_id, kind)
);

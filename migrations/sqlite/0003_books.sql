-- How often the facts behind a shop's books have changed. Whoever changes one counts here, in the same transaction; a shard
-- for each process, so that they do not wait for each other. The version is the sum over the shards; it only grows.
CREATE TABLE finance_changes (
    merchant_id BLOB NOT NULL,
    shard INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, shard)
);

-- Programs that may ask for a shop's figures. Only the SHA-256 of a token is kept.
CREATE TABLE api_tokens (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    finance BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (token_hash)
);

-- The order's lines in a parcel, by the shop's id; null = not told, so all of them.
ALTER TABLE shipments ADD COLUMN line_ids TEXT;

-- What was erased, to be found again in a copy of this database that was taken before: hashes under the key below. They
-- name nobody without it, and the list of them that is kept elsewhere does not hold it.
CREATE TABLE erasures (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    everybody BOOLEAN NOT NULL,
    marks TEXT NOT NULL,
    erased_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- One row. Made here, so that every backup from now on has it.
CREATE TABLE erasure_key (
    id INTEGER PRIMARY KEY NOT NULL,
    key BLOB NOT NULL
);
INSERT INTO erasure_key (id, key) VALUES (1, randomblob(32));

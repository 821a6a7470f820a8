-- What a shop's own answers mean to the model that makes vectors, where one is configured. Made in the background, for the
-- answer as it was at `of_at`: one that was changed since has no meaning until it is made anew.
CREATE TABLE knowledge_meanings (
    merchant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    model TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    -- So many numbers of four bytes, the lowest byte first.
    vector BLOB NOT NULL,
    -- How near the vector is to sentences about nothing, and the deviation of that.
    usual REAL NOT NULL,
    spread REAL NOT NULL,
    of_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, entry_id)
);

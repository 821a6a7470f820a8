-- The older part of a long conversation in a few sentences of a language model, checked against what was said. One of each
-- conversation; it may be lost and is made anew. `through_id` is the last message that it tells of.
CREATE TABLE summaries (
    merchant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    body TEXT NOT NULL,
    language TEXT NOT NULL,
    model TEXT NOT NULL,
    -- The conversation's turns when it was made.
    turns INTEGER NOT NULL,
    through_id BLOB NOT NULL,
    through_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, conversation_id)
);
CREATE INDEX summaries_made ON summaries (made_at);

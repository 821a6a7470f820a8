-- A shop's own answers. Found by the words of title, answer and source; what narrows the search down is the index, what
-- decides is one and the same code for both databases.
CREATE TABLE knowledge (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT,
    -- The words of title and body, lower case and without accents.
    words TEXT NOT NULL,
    archived BOOLEAN NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- What the GIN index is on Postgres. A shop is a word of its own here, so that the index itself keeps shops apart.
CREATE VIRTUAL TABLE knowledge_words USING fts5 (shop, words, entry UNINDEXED, tokenize = 'unicode61');
CREATE TRIGGER knowledge_added AFTER INSERT ON knowledge BEGIN
    INSERT INTO knowledge_words (shop, words, entry) VALUES ('s' || lower(hex(new.merchant_id)), new.words, new.id);
END;
CREATE TRIGGER knowledge_changed AFTER UPDATE ON knowledge BEGIN
    DELETE FROM knowledge_words WHERE knowledge_words MATCH 'shop : "s' || lower(hex(old.merchant_id)) || '"' AND entry = old.id;
    INSERT INTO knowledge_words (shop, words, entry) VALUES ('s' || lower(hex(new.merchant_id)), new.words, new.id);
END;
CREATE TRIGGER knowledge_removed AFTER DELETE ON knowledge BEGIN
    DELETE FROM knowledge_words WHERE knowledge_words MATCH 'shop : "s' || lower(hex(old.merchant_id)) || '"' AND entry = old.id;
END;

-- Questions of customers that no answer was found for.
CREATE TABLE unanswered (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    times INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    conversation_id BLOB NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX unanswered_question ON unanswered (merchant_id, question, language);
CREATE INDEX unanswered_open ON unanswered (merchant_id, state, times);

-- A shop's own answers. Found by the words of title, answer and source; what narrows the search down is the index, what
-- decides is one and the same code for both databases.
CREATE TABLE knowledge (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT,
    -- The words of title and body, lower case and without accents.
    words TEXT NOT NULL,
    archived BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX knowledge_words ON knowledge USING gin (to_tsvector('simple', words));

-- Questions of customers that no answer was found for.
CREATE TABLE unanswered (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    conversation_id UUID NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE UNIQUE INDEX unanswered_question ON unanswered (merchant_id, question, language);
CREATE INDEX unanswered_open ON unanswered (merchant_id, state, times);

GRANT SELECT, INSERT, UPDATE, DELETE ON knowledge TO recado_engine, recado_app;
ALTER TABLE knowledge ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON knowledge TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON knowledge TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON unanswered TO recado_engine, recado_app;
ALTER TABLE unanswered ENABLE ROW LEVEL SECURITY;
ALTER TABLE unanswered FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON unanswered TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON unanswered TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

-- The older part of a long conversation in a few sentences of a language model, checked against what was said. One of each
-- conversation; it may be lost and is made anew. `through_id` is the last message that it tells of.
CREATE TABLE summaries (
    merchant_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    body TEXT NOT NULL,
    language TEXT NOT NULL,
    model TEXT NOT NULL,
    -- The conversation's turns when it was made.
    turns BIGINT NOT NULL,
    through_id UUID NOT NULL,
    through_at TIMESTAMPTZ NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, conversation_id)
);
CREATE INDEX summaries_made ON summaries (made_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON summaries TO recado_engine, recado_app;
ALTER TABLE summaries ENABLE ROW LEVEL SECURITY;
ALTER TABLE summaries FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON summaries TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON summaries TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

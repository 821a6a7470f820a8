-- Pictures and documents that go with messages: made once for their row of the outbox, the same bytes however often that is
-- sent. id is the outbox row's. media_id is the platform's, and lives there for thirty days after uploaded_at.
CREATE TABLE attachments (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    mime_type TEXT NOT NULL,
    name TEXT NOT NULL,
    alt TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    media_id TEXT,
    uploaded_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id)
);

CREATE INDEX attachments_made ON attachments (made_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON attachments TO recado_engine, recado_app;
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON attachments TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON attachments TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

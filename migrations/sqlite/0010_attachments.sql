-- Pictures and documents that go with messages: made once for their row of the outbox, the same bytes however often that is
-- sent. id is the outbox row's. media_id is the platform's, and lives there for thirty days after uploaded_at.
CREATE TABLE attachments (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    mime_type TEXT NOT NULL,
    name TEXT NOT NULL,
    alt TEXT NOT NULL,
    bytes BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    media_id TEXT,
    uploaded_at INTEGER,
    PRIMARY KEY (merchant_id, id)
);

CREATE INDEX attachments_made ON attachments (made_at);

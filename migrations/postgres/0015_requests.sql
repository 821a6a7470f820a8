-- What becomes of a request about somebody's data, whoever asked: the shop platform, or the person in the chat. It is
-- confirmed by staff, carried out under a lease, and keeps nothing of the person once it is done.
ALTER TABLE compliance_requests ADD COLUMN request_id UUID;
ALTER TABLE compliance_requests ADD COLUMN confirmed_by TEXT;
ALTER TABLE compliance_requests ADD COLUMN confirmed_at TIMESTAMPTZ;
ALTER TABLE compliance_requests ADD COLUMN available_at TIMESTAMPTZ;
ALTER TABLE compliance_requests ADD COLUMN owner UUID;
ALTER TABLE compliance_requests ADD COLUMN leased_until TIMESTAMPTZ;
ALTER TABLE compliance_requests ADD COLUMN outcome TEXT;
CREATE INDEX compliance_requests_working ON compliance_requests (available_at) WHERE done_at IS NULL AND confirmed_at IS NOT NULL;

-- Set when the people in an order were erased: what the shop tells of it later is kept without them as well.
ALTER TABLE orders ADD COLUMN erased_at TIMESTAMPTZ;

-- The customer's request that an action carries out: it is told to them when the action has come to its end.
ALTER TABLE actions ADD COLUMN request_id UUID;

-- Two persons of ours that turned out to be one: whose lane leads where. A replica that does not know it yet may still put
-- an event into the old lane; it is moved from there.
CREATE TABLE merged_people (
    merchant_id UUID NOT NULL,
    from_id UUID NOT NULL,
    into_id UUID NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, from_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON merged_people TO recado_engine, recado_app;
ALTER TABLE merged_people ENABLE ROW LEVEL SECURITY;
ALTER TABLE merged_people FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON merged_people TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON merged_people TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

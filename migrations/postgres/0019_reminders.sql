-- Phones of those who owe the shop on invoices, as its people told them.
CREATE TABLE debtors (
    merchant_id UUID NOT NULL,
    -- The name without accents, marks and capitals.
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    -- As it is dialled, and as a comparison key.
    digits TEXT NOT NULL,
    phone_key TEXT NOT NULL,
    told_by TEXT NOT NULL,
    told_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, name_key)
);
CREATE INDEX debtors_phone ON debtors (merchant_id, phone_key);

-- Reminders that a member saw and confirmed. Each belongs to the conversation of whoever owes, whose lane alone settles it.
CREATE TABLE reminders (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    -- The preview that was confirmed.
    batch_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    debtor TEXT NOT NULL,
    debtor_key TEXT NOT NULL,
    -- What was open of each when it was confirmed.
    invoices JSONB NOT NULL,
    -- friendly, firm, last_notice
    tone TEXT NOT NULL,
    -- The words as they were shown; empty once they were forgotten.
    body TEXT NOT NULL,
    -- Language and variables of the template as which it leaves; null: a text of its own.
    template JSONB,
    -- scheduled, sent, dropped
    state TEXT NOT NULL,
    reason TEXT,
    approved_by TEXT NOT NULL,
    approved_at TIMESTAMPTZ NOT NULL,
    send_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ,
    -- The shop's day on which it is looked whether the money came, YYYY-MM-DD.
    check_on TEXT,
    checked_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX reminders_debtor ON reminders (merchant_id, debtor_key, approved_at);
CREATE INDEX reminders_conversation ON reminders (merchant_id, conversation_id, send_at);
CREATE INDEX reminders_unchecked ON reminders (merchant_id, check_on) WHERE state = 'sent' AND checked_at IS NULL;
CREATE INDEX reminders_worded ON reminders (settled_at) WHERE body <> '';

GRANT SELECT, INSERT, UPDATE, DELETE ON debtors, reminders TO recado_engine, recado_app;
ALTER TABLE debtors ENABLE ROW LEVEL SECURITY;
ALTER TABLE debtors FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON debtors TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON debtors TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
ALTER TABLE reminders ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminders FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON reminders TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON reminders TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

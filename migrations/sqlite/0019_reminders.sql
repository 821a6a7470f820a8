-- Phones of those who owe the shop on invoices, as its people told them.
CREATE TABLE debtors (
    merchant_id BLOB NOT NULL,
    -- The name without accents, marks and capitals.
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    -- As it is dialled, and as a comparison key.
    digits TEXT NOT NULL,
    phone_key TEXT NOT NULL,
    told_by TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, name_key)
);
CREATE INDEX debtors_phone ON debtors (merchant_id, phone_key);

-- Reminders that a member saw and confirmed. Each belongs to the conversation of whoever owes, whose lane alone settles it.
CREATE TABLE reminders (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    -- The preview that was confirmed.
    batch_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    debtor TEXT NOT NULL,
    debtor_key TEXT NOT NULL,
    -- What was open of each when it was confirmed.
    invoices TEXT NOT NULL,
    -- friendly, firm, last_notice
    tone TEXT NOT NULL,
    -- The words as they were shown; empty once they were forgotten.
    body TEXT NOT NULL,
    -- Language and variables of the template as which it leaves; null: a text of its own.
    template TEXT,
    -- scheduled, sent, dropped
    state TEXT NOT NULL,
    reason TEXT,
    approved_by TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    send_at INTEGER NOT NULL,
    settled_at INTEGER,
    answered_at INTEGER,
    -- The shop's day on which it is looked whether the money came, YYYY-MM-DD.
    check_on TEXT,
    checked_at INTEGER,
    PRIMARY KEY (merchant_id, id)
);
CREATE INDEX reminders_debtor ON reminders (merchant_id, debtor_key, approved_at);
CREATE INDEX reminders_conversation ON reminders (merchant_id, conversation_id, send_at);
CREATE INDEX reminders_unchecked ON reminders (merchant_id, check_on) WHERE state = 'sent' AND checked_at IS NULL;
CREATE INDEX reminders_worded ON reminders (settled_at) WHERE body <> '';

-- Which accounts of the desk may see a shop's money. An operator of every shop may; the others are granted it.
ALTER TABLE admin_users ADD COLUMN finance BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE admin_users SET finance = TRUE WHERE role = 'operator' AND merchant_id IS NULL;

-- Who asked for a shop's figures lately.
CREATE INDEX audit_of_merchant ON audit (merchant_id, action, at);

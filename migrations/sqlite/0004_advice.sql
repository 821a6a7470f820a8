-- What advisors found, and what became of what they recommended. Neither is a fact: deleting them changes no figure.
CREATE TABLE analyses (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- Of the policy numbers; old analyses are not rewritten.
    version TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    -- The health score, where the analysis holds one.
    score INTEGER,
    inputs TEXT NOT NULL,
    result TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

CREATE INDEX analyses_kind ON analyses (merchant_id, kind, as_of);

CREATE TABLE recommendations (
    merchant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    analysis_id BLOB,
    code TEXT NOT NULL,
    -- proposed, accepted, dismissed, done
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- Minor units; both absent when no effect was told.
    expected_low INTEGER,
    expected_high INTEGER,
    -- The figure by which it is checked, as it stood: minor units, a count, or six decimals.
    baseline TEXT,
    -- The day of the shop from which it can be checked, YYYY-MM-DD.
    horizon_on TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    checked_at INTEGER,
    -- What the figure moved the wanted way, in minor units, where it is an amount.
    measured INTEGER,
    -- better, same, worse, unknown
    verdict TEXT,
    PRIMARY KEY (merchant_id, id)
);

-- Of each kind one is open at a time: telling it again is no second one.
CREATE UNIQUE INDEX recommendations_open ON recommendations (merchant_id, code) WHERE status IN ('proposed', 'accepted');
CREATE INDEX recommendations_due ON recommendations (merchant_id, horizon_on) WHERE status = 'accepted';

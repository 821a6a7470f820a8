-- What advisors found, and what became of what they recommended. Neither is a fact: deleting them changes no figure.
CREATE TABLE analyses (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    -- Of the policy numbers; old analyses are not rewritten.
    version TEXT NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    -- The health score, where the analysis holds one.
    score BIGINT,
    inputs JSONB NOT NULL,
    result JSONB NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

CREATE INDEX analyses_kind ON analyses (merchant_id, kind, as_of);

CREATE TABLE recommendations (
    merchant_id UUID NOT NULL,
    id UUID NOT NULL,
    analysis_id UUID,
    code TEXT NOT NULL,
    -- proposed, accepted, dismissed, done
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- Minor units; both absent when no effect was told.
    expected_low BIGINT,
    expected_high BIGINT,
    -- The figure by which it is checked, as it stood: minor units, a count, or six decimals.
    baseline TEXT,
    -- The day of the shop from which it can be checked, YYYY-MM-DD.
    horizon_on TEXT NOT NULL,
    proposed_at TIMESTAMPTZ NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMPTZ,
    checked_at TIMESTAMPTZ,
    -- What the figure moved the wanted way, in minor units, where it is an amount.
    measured BIGINT,
    -- better, same, worse, unknown
    verdict TEXT,
    PRIMARY KEY (merchant_id, id)
);

-- Of each kind one is open at a time: telling it again is no second one.
CREATE UNIQUE INDEX recommendations_open ON recommendations (merchant_id, code) WHERE status IN ('proposed', 'accepted');
CREATE INDEX recommendations_due ON recommendations (merchant_id, horizon_on) WHERE status = 'accepted';

GRANT SELECT, INSERT, UPDATE, DELETE ON analyses TO recado_engine, recado_app;
ALTER TABLE analyses ENABLE ROW LEVEL SECURITY;
ALTER TABLE analyses FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON analyses TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON analyses TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
GRANT SELECT, INSERT, UPDATE, DELETE ON recommendations TO recado_engine, recado_app;
ALTER TABLE recommendations ENABLE ROW LEVEL SECURITY;
ALTER TABLE recommendations FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON recommendations TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON recommendations TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

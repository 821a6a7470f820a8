-- What language models may still cost in a day (UTC, days since 1970). Replicas take their shares from here, a little at a
-- time, so that no call waits long for it and a restart forgets nothing.
CREATE TABLE model_days (
    -- The shop, or sixteen zero bytes for everybody together.
    payer BLOB NOT NULL,
    day INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    micro_dollars INTEGER NOT NULL,
    PRIMARY KEY (payer, day)
);

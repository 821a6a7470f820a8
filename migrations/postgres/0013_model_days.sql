-- What language models may still cost in a day (UTC, days since 1970). Replicas take their shares from here, a little at a
-- time, so that no call waits long for it and a restart forgets nothing.
CREATE TABLE model_days (
    -- The shop, or the nil UUID for everybody together.
    payer UUID NOT NULL,
    day BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    micro_dollars BIGINT NOT NULL,
    PRIMARY KEY (payer, day)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON model_days TO recado_engine;

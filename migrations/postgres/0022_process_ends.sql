-- Which process took an event last, and which before it: whoever finds an event that nobody settled knows who held it.
ALTER TABLE events ADD COLUMN held_by UUID;
ALTER TABLE events ADD COLUMN held_before UUID;
-- Turns that a living process could not have committed in time.
ALTER TABLE events ADD COLUMN timeouts BIGINT NOT NULL DEFAULT 0;

-- Which processes ended while they held an event. A process ends once, and so it counts once.
CREATE TABLE process_ends (
    event_id UUID NOT NULL,
    replica_id UUID NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (event_id, replica_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON process_ends TO recado_engine;

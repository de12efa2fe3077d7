-- Every time that a clock was met, for good. A ticket that is reopened owes its resolution again, and its row in `clocks`
-- forgets that it was met; a histogram that forgets would look to Prometheus like a counter that began anew.
CREATE TABLE times_taken (
    complaint_id   uuid NOT NULL,
    clock          text NOT NULL,
    run            integer NOT NULL,
    met_at         timestamptz NOT NULL,
    department     text,
    worked_seconds double precision NOT NULL,
    PRIMARY KEY (complaint_id, clock, run, met_at),
    FOREIGN KEY (complaint_id, clock, run) REFERENCES clocks ON DELETE CASCADE
);
COMMENT ON COLUMN times_taken.department IS 'who met it; null: the Live Room';

INSERT INTO times_taken (complaint_id, clock, run, met_at, department, worked_seconds)
SELECT complaint_id, clock, run, met_at, department, worked_seconds
FROM clocks WHERE met_at IS NOT NULL AND worked_seconds IS NOT NULL;

-- Breaches are counted on every scrape, by the department that had the ticket then.
CREATE INDEX history_breaches ON history (department, reason) WHERE type = 'breached';

-- Each run of each clock: acknowledge runs anew for every department that gets the ticket, the citizen's two run once.
-- A run is met on time (met_at <= due_at), met late, passed on unmet with the ticket, or still owed (met_at and
-- passed_on_at null). `worked_seconds` is the working time that it took, without the time for which it stood still.
CREATE TABLE clocks (
    complaint_id   uuid NOT NULL REFERENCES tickets,
    clock          text NOT NULL CHECK (clock IN ('acknowledge', 'respond', 'resolve')),
    run            integer NOT NULL,
    department     text,
    calendar_of    text,
    started_at     timestamptz NOT NULL,
    soon_at        timestamptz NOT NULL,
    due_at         timestamptz NOT NULL,
    again_at       timestamptz NOT NULL,
    warned_at      timestamptz,
    breached_at    timestamptz,
    escalated_at   timestamptz,
    met_at         timestamptz,
    passed_on_at   timestamptz,
    worked_seconds double precision,
    PRIMARY KEY (complaint_id, clock, run)
);
COMMENT ON COLUMN clocks.department IS 'who owes it or owed it last; null: nobody yet, the Live Room decides';

ALTER TABLE tickets
    ADD COLUMN reminded_at   timestamptz,
    ADD COLUMN stood_still   jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN rules_version bigint NOT NULL DEFAULT 0,
    ADD COLUMN next_step_at  timestamptz,
    ADD COLUMN parent        uuid REFERENCES tickets,
    ADD COLUMN parts         integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN tickets.next_step_at IS 'when time alone changes the ticket next; null: it waits for a person or is over';

CREATE INDEX tickets_next_step ON tickets (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX tickets_by_old_rules ON tickets (rules_version) WHERE state NOT IN ('closed', 'rejected');
CREATE INDEX tickets_parent ON tickets (parent) WHERE parent IS NOT NULL;

-- Tickets from before: rules_version 0 makes the desk compute them anew, from when each clock began and stood still.
UPDATE tickets t SET stood_still = still.stood_still
FROM (
    SELECT complaint_id, jsonb_agg(jsonb_build_object(
               'why', CASE type WHEN 'reporter_replied' THEN 'waiting' ELSE 'rest' END,
               'since', CASE type WHEN 'reporter_replied' THEN asked_at ELSE ended_at END, 'until', at) ORDER BY version)
           AS stood_still
    FROM (
        SELECT complaint_id, version, type, at,
               max(at) FILTER (WHERE type = 'asked_reporter') OVER earlier AS asked_at,
               max(at) FILTER (WHERE type IN ('resolved', 'rejected')) OVER earlier AS ended_at
        FROM history WINDOW earlier AS (PARTITION BY complaint_id ORDER BY version)
    ) told
    WHERE type IN ('reporter_replied', 'reopened')
    GROUP BY complaint_id
) still
WHERE still.complaint_id = t.complaint_id;

INSERT INTO clocks (
    complaint_id, clock, run, department, calendar_of, started_at, soon_at, due_at, again_at, met_at
)
SELECT complaint_id, clock, 1, department, calendar_of, started_at, due_at, due_at, due_at, met_at
FROM tickets t
LEFT JOIN LATERAL (
    SELECT h.department AS opened_with FROM history h WHERE h.complaint_id = t.complaint_id AND h.version = 1
) AS opening ON true
CROSS JOIN LATERAL (
    SELECT max(h.at) AS given_at FROM history h
    WHERE h.complaint_id = t.complaint_id AND h.type IN ('handed_over', 'taken_back')
) AS giving
CROSS JOIN LATERAL (VALUES
    ('acknowledge', CASE WHEN given_at IS NULL THEN opened_with ELSE department END, coalesce(given_at, accepted_at),
     acknowledge_by, acknowledged_at),
    ('respond', opened_with, accepted_at, respond_by, responded_at),
    ('resolve', opened_with, accepted_at, resolve_by, resolved_at)
) AS runs (clock, calendar_of, started_at, due_at, met_at);

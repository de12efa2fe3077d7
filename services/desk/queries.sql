-- name: open_tickets
-- Tickets with clocks, history and events in one statement; a complaint that has a ticket changes nothing.
-- $1 json: one row per complaint; history columns included
-- $2 json: clocks, as in write_clocks
-- $3 json: events as in outbox_add, each with its complaint_id
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        complaint_id uuid, ticket_number text, state text, department text, office text,
        supporting_departments text[], complaint_class text, complaint_topic text, urgency text, confidential boolean,
        channel text, text_masked text, location jsonb, attachments jsonb, confidence double precision,
        alternatives jsonb, why jsonb, model_version text, submitted_at timestamptz, accepted_at timestamptz,
        opened_at timestamptz, acknowledge_by timestamptz, respond_by timestamptz, resolve_by timestamptz,
        rules_version bigint, next_step_at timestamptz, parent uuid,
        event_id uuid, cause uuid, actor_kind text, actor_ref text
    )
), opened AS (
    INSERT INTO desk.tickets (
        complaint_id, ticket_number, version, state, department, office, supporting_departments, complaint_class,
        topic, urgency, confidential, channel, text_masked, location, attachments, confidence, alternatives, why,
        model_version, submitted_at, accepted_at, opened_at, acknowledge_by, respond_by, resolve_by, rules_version,
        next_step_at, parent
    )
    SELECT complaint_id, ticket_number, 1, state, department, office, supporting_departments, complaint_class,
           complaint_topic, urgency, confidential, channel, text_masked, location, attachments, confidence,
           alternatives, why, model_version, submitted_at, accepted_at, opened_at, acknowledge_by, respond_by,
           resolve_by, rules_version, next_step_at, parent
    FROM given
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id
), timed AS (
    INSERT INTO desk.clocks (
        complaint_id, clock, run, department, calendar_of, started_at, soon_at, due_at, again_at
    )
    SELECT complaint_id, clock, run, department, calendar_of, started_at, soon_at, due_at, again_at
    FROM json_to_recordset($2::json) AS c (
        complaint_id uuid, clock text, run integer, department text, calendar_of text, started_at timestamptz,
        soon_at timestamptz, due_at timestamptz, again_at timestamptz
    ) JOIN opened USING (complaint_id)
), remembered AS (
    INSERT INTO desk.history (
        complaint_id, version, event_id, type, state, department, actor_kind, actor_ref, cause, at
    )
    SELECT complaint_id, 1, event_id, 'opened', state, department, actor_kind, actor_ref, cause, opened_at
    FROM given JOIN opened USING (complaint_id)
), announced AS (
    INSERT INTO desk.outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
    SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
    FROM json_to_recordset($3::json) AS e (
        complaint_id uuid, event_id uuid, topic text, key text, value text, occurred_at timestamptz,
        posted_at timestamptz, traceparent text
    ) JOIN opened USING (complaint_id)
)
SELECT complaint_id FROM opened;

-- name: answers_given
-- The answers to commands that were judged before.
-- $1 uuid[]: event ids of commands
SELECT event_id, outcome, reason, detail, version, answered_at FROM desk.commands WHERE event_id = ANY ($1);

-- name: lock_tickets
-- The tickets of these complaints, held until the transaction ends; in one order, so that no two wait for each other.
-- $1 uuid[]: complaint ids
SELECT complaint_id, ticket_number, version, state, department, office, supporting_departments, complaint_class, topic,
       urgency, confidential, channel, text_masked, location, attachments, confidence, alternatives, why,
       model_version, submitted_at, accepted_at, acknowledged_at, responded_at, resolved_at, waiting_since,
       reminded_at, stood_still, rules_version, parent, parts
FROM desk.tickets WHERE complaint_id = ANY ($1) ORDER BY complaint_id FOR UPDATE;

-- name: clocks_of
-- The present run of each clock of these complaints' tickets.
-- $1 uuid[]: complaint ids
SELECT DISTINCT ON (complaint_id, clock)
       complaint_id, clock, run, calendar_of, started_at, soon_at, due_at, again_at, warned_at, breached_at,
       escalated_at
FROM desk.clocks WHERE complaint_id = ANY ($1) ORDER BY complaint_id, clock, run DESC;

-- name: change_tickets
-- Tickets after their moves.
-- $1 json: one row per ticket with every column that a move may change
UPDATE desk.tickets t SET
    version = r.version, state = r.state, department = r.department, office = r.office,
    supporting_departments = r.supporting_departments, complaint_class = r.complaint_class, topic = r.topic,
    acknowledge_by = r.acknowledge_by, respond_by = r.respond_by, resolve_by = r.resolve_by,
    acknowledged_at = r.acknowledged_at, responded_at = r.responded_at, resolved_at = r.resolved_at,
    waiting_since = r.waiting_since, reminded_at = r.reminded_at, stood_still = r.stood_still,
    rules_version = r.rules_version, next_step_at = r.next_step_at, parts = r.parts
FROM json_to_recordset($1::json) AS r (
    complaint_id uuid, version integer, state text, department text, office text, supporting_departments text[],
    complaint_class text, topic text, acknowledge_by timestamptz, respond_by timestamptz, resolve_by timestamptz,
    acknowledged_at timestamptz, responded_at timestamptz, resolved_at timestamptz, waiting_since timestamptz,
    reminded_at timestamptz, stood_still jsonb, rules_version bigint, next_step_at timestamptz, parts integer
)
WHERE t.complaint_id = r.complaint_id;

-- name: write_clocks
-- Runs of clocks as they are now: new ones, and those that were met, passed on, moved or told of.
-- $1 json: one row per run
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        complaint_id uuid, clock text, run integer, department text, calendar_of text, started_at timestamptz,
        soon_at timestamptz, due_at timestamptz, again_at timestamptz, warned_at timestamptz, breached_at timestamptz,
        escalated_at timestamptz, met_at timestamptz, passed_on_at timestamptz, worked_seconds double precision
    )
), taken AS (
    INSERT INTO desk.times_taken (complaint_id, clock, run, met_at, department, worked_seconds)
    SELECT complaint_id, clock, run, met_at, department, worked_seconds FROM given WHERE met_at IS NOT NULL
    ON CONFLICT DO NOTHING
)
INSERT INTO desk.clocks (
    complaint_id, clock, run, department, calendar_of, started_at, soon_at, due_at, again_at, warned_at, breached_at,
    escalated_at, met_at, passed_on_at, worked_seconds
)
SELECT complaint_id, clock, run, department, calendar_of, started_at, soon_at, due_at, again_at, warned_at,
       breached_at, escalated_at, met_at, passed_on_at, worked_seconds
FROM given
ON CONFLICT (complaint_id, clock, run) DO UPDATE SET
    department = excluded.department, soon_at = excluded.soon_at, due_at = excluded.due_at,
    again_at = excluded.again_at, warned_at = excluded.warned_at, breached_at = excluded.breached_at,
    escalated_at = excluded.escalated_at, met_at = excluded.met_at, passed_on_at = excluded.passed_on_at,
    worked_seconds = excluded.worked_seconds;

-- name: due_tickets
-- Tickets to which time does something now, the longest due first; what another worker holds is left to it.
-- $1 integer: how many at most
SELECT complaint_id FROM desk.tickets
WHERE next_step_at <= clock.now()
ORDER BY next_step_at LIMIT $1 FOR UPDATE SKIP LOCKED;

-- name: outdated_tickets
-- Tickets whose deadlines come from older rules; ended ones keep theirs, what another worker holds is left to it.
-- $1 bigint: the present version of the rules
-- $2 integer: how many at most
SELECT complaint_id FROM desk.tickets
WHERE rules_version < $1 AND state NOT IN ('closed', 'rejected')
ORDER BY rules_version LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: append_history
-- What happened, for good.
-- $1 json: one row per change
INSERT INTO desk.history (
    complaint_id, version, event_id, type, state, department, actor_kind, actor_ref, reason, message, cause, at
)
SELECT complaint_id, version, event_id, type, state, department, actor_kind, actor_ref, reason, message, cause, at
FROM json_to_recordset($1::json) AS r (
    complaint_id uuid, version integer, event_id uuid, type text, state text, department text, actor_kind text,
    actor_ref text, reason text, message text, cause uuid, at timestamptz
);

-- name: remember_answers
-- Commands with their answers: the inbox. Two workers that judge one command at once cannot both succeed.
-- $1 json: one row per command
INSERT INTO desk.commands (event_id, complaint_id, command, outcome, reason, detail, version, answered_at)
SELECT event_id, complaint_id, command, outcome, reason, detail, version, answered_at
FROM json_to_recordset($1::json) AS r (
    event_id uuid, complaint_id uuid, command text, outcome text, reason text, detail text, version integer,
    answered_at timestamptz
);

-- name: targets
-- The promises in force for what has no particular one.
-- $1 timestamptz: when
SELECT DISTINCT ON (complaint_class, clock) complaint_class, clock, limit_seconds
FROM desk.sla_policies
WHERE topic = '*' AND urgency = '*' AND valid_from <= $1 AND ($1 < valid_until) IS NOT FALSE
ORDER BY complaint_class, clock, valid_from DESC;

-- name: open_by_department
-- Open tickets, and since when the oldest of them has been accepted, in seconds of business time.
SELECT coalesce(department, 'TLR') AS department, state, count(*) AS tickets,
       extract(epoch FROM clock.now() - min(accepted_at))::float8 AS oldest_age_seconds
FROM desk.tickets
WHERE state IN ('in_review', 'assigned', 'in_progress', 'waiting_reporter')
GROUP BY 1, 2;

-- name: overdue_by_department
-- Open tickets whose running clocks are past their deadline.
SELECT coalesce(department, 'TLR') AS department,
       count(*) FILTER (WHERE acknowledged_at IS NULL AND state IN ('in_review', 'assigned')
                        AND acknowledge_by < clock.now()) AS acknowledge,
       count(*) FILTER (WHERE responded_at IS NULL AND respond_by < clock.now()) AS respond,
       count(*) FILTER (WHERE resolve_by < clock.now()) AS resolve
FROM desk.tickets
WHERE state IN ('in_review', 'assigned', 'in_progress')
GROUP BY 1;

-- name: judged_clocks
-- Runs that were met on time, and all that were judged: met or passed on late lately, or overdue and still open.
-- Asking the reporter stops a clock; what was late before that is late still.
-- $1 interval: how long ago is lately
WITH moment AS MATERIALIZED (SELECT clock.now() AS now, clock.now() - $1::interval AS lately)
SELECT coalesce(c.department, 'TLR') AS department, c.clock,
       count(*) FILTER (WHERE c.met_at <= c.due_at) AS met, count(*) AS judged
FROM desk.clocks c JOIN desk.tickets t USING (complaint_id) CROSS JOIN moment
WHERE c.met_at > lately
   OR (c.passed_on_at > lately AND c.passed_on_at > c.due_at)
   OR (c.met_at IS NULL AND c.passed_on_at IS NULL
       AND t.state IN ('in_review', 'assigned', 'in_progress', 'waiting_reporter')
       AND c.due_at < coalesce(t.waiting_since, now))
GROUP BY 1, 2;

-- name: breaches_told
-- Every breach that was ever recorded, by the department that had the ticket then; grows only.
SELECT coalesce(department, 'TLR') AS department, reason AS clock, count(*) AS breaches
FROM desk.history WHERE type = 'breached' GROUP BY 1, 2;

-- name: times_taken
-- How long clocks took, by how many of the bounds hold each time; grows only.
-- $1 float8[]: the bounds, the greatest first, each with a minus: so that a time equal to its bound is held by it
SELECT coalesce(department, 'TLR') AS department, clock, width_bucket(-worked_seconds, $1::float8[]) AS held_by,
       count(*) AS times, sum(worked_seconds) AS seconds
FROM desk.times_taken GROUP BY 1, 2, 3;

-- name: rules_version
-- The number that grows with every change of calendars, promises and windows.
SELECT version FROM desk.rules_version;

-- name: promises
-- Every promise, past and future.
SELECT complaint_class, clock, topic, urgency, limit_seconds, source, valid_from, valid_until
FROM desk.sla_policies ORDER BY complaint_class, clock, topic, urgency, valid_from;

-- name: windows
-- How long things stay possible.
SELECT name, seconds, working, source FROM desk.windows ORDER BY name;

-- name: calendars
-- Every calendar with the departments that work by it.
SELECT c.calendar, c.keeps_days_off, c.source, array_remove(array_agg(d.department), NULL) AS departments
FROM desk.calendars c LEFT JOIN desk.department_calendars d USING (calendar)
GROUP BY c.calendar ORDER BY c.calendar;

-- name: calendar_hours
-- The weeks of every calendar.
SELECT calendar, regime, weekday, hours FROM desk.calendar_hours ORDER BY calendar, regime, weekday;

-- name: ramadans
-- The days in which Ramadan's hours hold.
SELECT begins, ends, certain, source FROM desk.ramadans ORDER BY begins;

-- name: calendar_days
-- Days that are not as their weekday; the city's overrides after the nation's days, one calendar's after those of all.
-- $1 date: from
-- $2 date: to
SELECT day, calendar, kind, name, certain, source, hours FROM desk.calendar_days
WHERE day BETWEEN $1 AND $2
ORDER BY kind IN ('closed', 'open'), calendar <> '*', day;

-- name: put_calendar_day
-- A day's entry, in the place of the one before it; nothing happens when that one says the same.
-- $1 date: the day
-- $2 text: the calendar, * for all
-- $3 text: the kind
-- $4 text: its name
-- $5 boolean: whether it is certain
-- $6 text: where it is from
-- $7 text: the hours of an open day
INSERT INTO desk.calendar_days AS d (day, calendar, kind, name, certain, source, hours)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (day, calendar, (kind IN ('closed', 'open'))) DO UPDATE SET
    kind = excluded.kind, name = excluded.name, certain = excluded.certain, source = excluded.source,
    hours = excluded.hours
WHERE (d.kind, d.name, d.certain, d.hours) IS DISTINCT FROM
      (excluded.kind, excluded.name, excluded.certain, excluded.hours)
RETURNING day;

-- name: remove_overrides
-- A day is again as the nation's calendar has it.
-- $1 date: the day
-- $2 text: the calendar, * for all
DELETE FROM desk.calendar_days WHERE day = $1 AND calendar = $2 AND kind IN ('closed', 'open') RETURNING day;

-- name: remove_days_off
-- Days off of a year that the given list does not have any more.
-- $1 date: the year's first day
-- $2 date: its last day
-- $3 date[]: the days that stay
DELETE FROM desk.calendar_days
WHERE day BETWEEN $1 AND $2 AND kind IN ('holiday', 'collective_leave') AND NOT day = ANY ($3)
RETURNING day;

-- name: put_ramadan
-- A Ramadan, in the place of any that touches it.
-- $1 date: its first day
-- $2 date: its last day
-- $3 boolean: whether it is certain
-- $4 text: where it is from
WITH touched AS (
    DELETE FROM desk.ramadans WHERE begins BETWEEN $1::date - 40 AND $2::date + 40 AND begins <> $1
)
INSERT INTO desk.ramadans (begins, ends, certain, source) VALUES ($1, $2, $3, $4)
ON CONFLICT (begins) DO UPDATE SET ends = excluded.ends, certain = excluded.certain, source = excluded.source;

-- name: put_calendar
-- A calendar, in the place of the one with its name.
-- $1 text: its name
-- $2 boolean: whether it keeps days off
-- $3 text: where it is from
INSERT INTO desk.calendars (calendar, keeps_days_off, source) VALUES ($1, $2, $3)
ON CONFLICT (calendar) DO UPDATE SET keeps_days_off = excluded.keeps_days_off, source = excluded.source;

-- name: put_hours
-- One weekday's hours of a calendar.
-- $1 text: the calendar
-- $2 text: ordinary or ramadan
-- $3 smallint: the weekday, Monday 1
-- $4 text: the hours
INSERT INTO desk.calendar_hours (calendar, regime, weekday, hours) VALUES ($1, $2, $3, $4)
ON CONFLICT (calendar, regime, weekday) DO UPDATE SET hours = excluded.hours;

-- name: give_calendar
-- A department works by this calendar from now on.
-- $1 text: the department
-- $2 text: the calendar
INSERT INTO desk.department_calendars (department, calendar) VALUES ($1, $2)
ON CONFLICT (department) DO UPDATE SET calendar = excluded.calendar;

-- name: calendar_covers_until
-- The last day of the last year whose holidays and collective leave are known; later weekdays count as working days.
SELECT make_date(max(year), 12, 31) AS day
FROM (SELECT extract(year FROM day)::integer AS year FROM desk.calendar_days
      WHERE kind IN ('holiday', 'collective_leave')
      GROUP BY 1 HAVING count(DISTINCT kind) = 2) AS known;

-- name: public_ticket
-- What anybody who knows a ticket's number may see of it.
-- $1 text: the ticket number
SELECT complaint_id, ticket_number, state, department, accepted_at, respond_by, resolve_by
FROM desk.tickets WHERE ticket_number = $1 LIMIT 1;

-- name: public_history
-- What happened to a ticket, oldest first, without who did it and why.
-- $1 uuid: the complaint
SELECT type, department, at FROM desk.history WHERE complaint_id = $1 ORDER BY version;

-- name: runs_of_clocks
-- Every run of every clock of tickets accepted since a moment, with what is needed to say how long it took so far.
-- $1 timestamptz: since when
SELECT c.complaint_id, coalesce(c.department, 'TLR') AS department, c.clock, c.calendar_of, c.started_at, c.due_at,
       c.met_at, c.passed_on_at, c.worked_seconds, t.stood_still, t.waiting_since, clock.now() AS seen_at
FROM desk.clocks c JOIN desk.tickets t USING (complaint_id)
WHERE t.accepted_at >= $1
ORDER BY c.complaint_id, c.clock, c.run;

-- name: hand_overs_made
-- Tickets accepted since a moment that went from one department to another, and since when the giver had had them.
-- $1 timestamptz: since when
WITH holders AS (
    SELECT h.complaint_id, h.version, h.department, h.at,
           lag(h.department) OVER earlier AS given_by, lag(h.at) OVER earlier AS had_since
    FROM desk.history h JOIN desk.tickets t USING (complaint_id)
    WHERE t.accepted_at >= $1 AND h.type IN ('opened', 'assigned', 'handed_over', 'taken_back')
    WINDOW earlier AS (PARTITION BY h.complaint_id ORDER BY h.version)
)
SELECT complaint_id, given_by, had_since, at
FROM holders WHERE given_by <> department
ORDER BY complaint_id, version;

-- name: open_tickets
-- Tickets, their first history row and their events in one statement; a complaint that has a ticket changes nothing.
-- $1 json: one row per complaint; deadlines and history columns included
-- $2 json: events as in outbox_add, each with its complaint_id
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        complaint_id uuid, ticket_number text, state text, department text, office text,
        supporting_departments text[], complaint_class text, complaint_topic text, urgency text, confidential boolean,
        channel text, text_masked text, location jsonb, attachments jsonb, confidence double precision,
        alternatives jsonb, why jsonb, model_version text, submitted_at timestamptz, accepted_at timestamptz,
        opened_at timestamptz, acknowledge_by timestamptz, respond_by timestamptz, resolve_by timestamptz,
        event_id uuid, cause uuid
    )
), opened AS (
    INSERT INTO desk.tickets (
        complaint_id, ticket_number, version, state, department, office, supporting_departments, complaint_class,
        topic, urgency, confidential, channel, text_masked, location, attachments, confidence, alternatives, why,
        model_version, submitted_at, accepted_at, opened_at, acknowledge_by, respond_by, resolve_by
    )
    SELECT complaint_id, ticket_number, 1, state, department, office, supporting_departments, complaint_class,
           complaint_topic, urgency, confidential, channel, text_masked, location, attachments, confidence,
           alternatives, why, model_version, submitted_at, accepted_at, opened_at, acknowledge_by, respond_by,
           resolve_by
    FROM given
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id
), remembered AS (
    INSERT INTO desk.history (
        complaint_id, version, event_id, type, state, department, actor_kind, actor_ref, cause, at
    )
    SELECT complaint_id, 1, event_id, 'opened', state, department, 'system', 'router', cause, opened_at
    FROM given JOIN opened USING (complaint_id)
), announced AS (
    INSERT INTO desk.outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
    SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
    FROM json_to_recordset($2::json) AS e (
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
       urgency, confidential, text_masked, location, attachments, confidence, alternatives, model_version,
       submitted_at, accepted_at, acknowledge_by, respond_by, resolve_by, acknowledged_at, responded_at, resolved_at,
       waiting_since
FROM desk.tickets WHERE complaint_id = ANY ($1) ORDER BY complaint_id FOR UPDATE;

-- name: change_tickets
-- Tickets after their moves.
-- $1 json: one row per ticket with every column that a move may change
UPDATE desk.tickets t SET
    version = r.version, state = r.state, department = r.department, office = r.office,
    supporting_departments = r.supporting_departments, complaint_class = r.complaint_class, topic = r.topic,
    acknowledge_by = r.acknowledge_by, respond_by = r.respond_by, resolve_by = r.resolve_by,
    acknowledged_at = r.acknowledged_at, responded_at = r.responded_at, resolved_at = r.resolved_at,
    waiting_since = r.waiting_since
FROM json_to_recordset($1::json) AS r (
    complaint_id uuid, version integer, state text, department text, office text, supporting_departments text[],
    complaint_class text, topic text, acknowledge_by timestamptz, respond_by timestamptz, resolve_by timestamptz,
    acknowledged_at timestamptz, responded_at timestamptz, resolved_at timestamptz, waiting_since timestamptz
)
WHERE t.complaint_id = r.complaint_id;

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

-- name: policy
-- The promises in force.
-- $1 timestamptz: when
SELECT DISTINCT ON (complaint_class, clock) complaint_class, clock, limit_seconds
FROM desk.sla_policies WHERE valid_from <= $1 ORDER BY complaint_class, clock, valid_from DESC;

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

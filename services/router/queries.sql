-- name: decide
-- Decisions and events of a batch in one statement; a complaint decided before keeps its decision, without an event.
-- $1 json: one row per complaint; event columns as in outbox_add
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        complaint_id uuid, decision text, department text, office text, supporting_departments text[],
        confidence double precision, alternatives jsonb, complaint_class text, complaint_topic text, urgency text,
        responsible_body text, why jsonb, model_version text, decided_at timestamptz,
        event_id uuid, topic text, key text, value text, occurred_at timestamptz, posted_at timestamptz,
        traceparent text
    )
), decided AS (
    INSERT INTO router.decisions (
        complaint_id, decision, department, office, supporting_departments, confidence, alternatives, complaint_class,
        topic, urgency, responsible_body, why, model_version, decided_at
    )
    SELECT complaint_id, decision, department, office, supporting_departments, confidence, alternatives,
           complaint_class, complaint_topic, urgency, responsible_body, why, model_version, decided_at
    FROM given
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id
), announced AS (
    INSERT INTO router.outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
    SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
    FROM given JOIN decided USING (complaint_id)
)
SELECT complaint_id FROM decided;

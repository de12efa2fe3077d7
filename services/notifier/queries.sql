-- name: issue
-- Notifications that were not issued before, and their events, in one statement.
-- $1 json: one row per notification; event columns as in outbox_add
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        cause uuid, audience text, channel text, complaint_id uuid, ticket_number text, kind text, issued_at timestamptz,
        event_id uuid, topic text, key text, value text, occurred_at timestamptz, posted_at timestamptz,
        traceparent text, position integer
    )
), issued AS (
    INSERT INTO notifier.deliveries (
        cause, audience, channel, event_id, complaint_id, ticket_number, kind, issued_at
    )
    SELECT cause, audience, channel, event_id, complaint_id, ticket_number, kind, issued_at
    FROM given
    ORDER BY cause, audience, channel
    ON CONFLICT (cause, audience, channel) DO NOTHING
    RETURNING event_id
), announced AS (
    INSERT INTO notifier.outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
    SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
    FROM given JOIN issued USING (event_id)
    ORDER BY position
)
SELECT event_id FROM issued;

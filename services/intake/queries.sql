-- name: register
-- Complaints, contacts and events of a batch, in one statement; a known complaint_id changes nothing.
-- Only complaint_id may conflict silently: a bare DO NOTHING would drop a complaint whose number collides.
-- $1 json: one row per distinct complaint_id; content_digest and sealed in base64, event columns as in outbox_add
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        complaint_id uuid, ticket_number text, content_digest text, channel text, text_masked text, location jsonb,
        attachments jsonb, confidential boolean, reporter_ref text, submitted_at timestamptz, accepted_at timestamptz,
        sealed text, event_id uuid, topic text, key text, value text, occurred_at timestamptz, posted_at timestamptz,
        traceparent text
    )
), accepted AS (
    INSERT INTO intake.complaints (
        complaint_id, ticket_number, content_digest, channel, text_masked, location, attachments, confidential,
        reporter_ref, submitted_at, accepted_at
    )
    SELECT complaint_id, ticket_number, decode(content_digest, 'base64'), channel, text_masked, location, attachments,
           confidential, reporter_ref, submitted_at, accepted_at
    FROM given
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id
), kept_contacts AS (
    INSERT INTO intake.contacts (complaint_id, sealed)
    SELECT complaint_id, decode(sealed, 'base64') FROM given JOIN accepted USING (complaint_id)
    WHERE sealed IS NOT NULL
), announced AS (
    INSERT INTO intake.outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
    SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
    FROM given JOIN accepted USING (complaint_id)
)
SELECT complaint_id FROM accepted;

-- name: standing
-- What already stands under these ids.
-- $1 uuid[]: complaint ids
SELECT complaint_id, ticket_number, content_digest FROM intake.complaints WHERE complaint_id = ANY ($1);

-- name: numbers_taken
-- Which of these ticket numbers belong to a complaint already.
-- $1 text[]: ticket numbers
SELECT ticket_number FROM intake.complaints WHERE ticket_number = ANY ($1);

-- name: outbox_next
-- The oldest events not yet published, in the order in which they were written.
-- $1 integer: how many at most
SELECT seq, event_id, topic, key, value, occurred_at, posted_at, traceparent
FROM outbox ORDER BY seq LIMIT $1;

-- name: outbox_delete
-- Published events leave the outbox.
-- $1 bigint[]: their seq
DELETE FROM outbox WHERE seq = ANY ($1);

-- name: outbox_state
-- How many events wait and how long the oldest has waited, in seconds of real time.
SELECT count(*) AS pending,
       coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_age_seconds
FROM outbox;

-- name: relay_lock
-- One relay per service: whoever holds this session-level lock publishes, the others wait.
-- $1 text: the service
SELECT pg_try_advisory_lock(hashtextextended('laksa.relay.' || $1, 0));

-- name: outbox_add
-- Events join the outbox in the order given.
-- $1 json: [{event_id, topic, key, value, occurred_at, posted_at, traceparent}]
INSERT INTO outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
FROM json_to_recordset($1::json) AS r (
    event_id uuid, topic text, key text, value text, occurred_at timestamptz, posted_at timestamptz, traceparent text
);

-- name: dead_letters_expire
-- Dead letters older than they may be kept are gone, sealed bytes and all.
-- $1 interval: how long they are kept
DELETE FROM dead_letters WHERE received_at < now() - $1::interval;

-- name: dead_letters_add
-- Bad records are kept, and announced once each.
-- $1 json: [{event_id, topic, kafka_partition, kafka_offset, record_timestamp, reason, detail, complaint_id,
--            sealed (base64), announce_topic, announce_key, announcement, occurred_at, traceparent}]
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        event_id uuid, topic text, kafka_partition integer, kafka_offset bigint, record_timestamp timestamptz,
        reason text, detail text, complaint_id uuid, sealed text,
        announce_topic text, announce_key text, announcement text, occurred_at timestamptz, traceparent text
    )
), kept AS (
    INSERT INTO dead_letters (
        event_id, topic, kafka_partition, kafka_offset, record_timestamp, reason, detail, complaint_id, sealed
    )
    SELECT event_id, topic, kafka_partition, kafka_offset, record_timestamp, reason, detail, complaint_id,
           decode(sealed, 'base64')
    FROM given
    ON CONFLICT DO NOTHING
    RETURNING event_id
), announced AS (
    INSERT INTO outbox (event_id, topic, key, value, occurred_at, traceparent)
    SELECT event_id, announce_topic, announce_key, announcement, occurred_at, traceparent
    FROM given JOIN kept USING (event_id)
    ORDER BY kafka_partition, kafka_offset
)
SELECT event_id FROM kept;

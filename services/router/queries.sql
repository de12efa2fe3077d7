-- name: decide
-- Decisions, their events and the texts to learn from, of a batch in one statement.
-- A complaint decided before keeps its decision, without an event. What is new waits for the shadow model, if any.
-- $1 json: one row per complaint; event columns as in outbox_add; text_masked null where no text may be kept
WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r (
        complaint_id uuid, decision text, department text, office text, supporting_departments text[],
        confidence double precision, alternatives jsonb, complaint_class text, complaint_topic text, urgency text,
        responsible_body text, why jsonb, model_version text, decided_at timestamptz, confidential boolean,
        sensitive boolean, needs_location boolean, unknown_share double precision,
        text_masked text, kecamatan text, kelurahan text,
        event_id uuid, topic text, key text, value text, occurred_at timestamptz, posted_at timestamptz,
        traceparent text
    )
), decided AS (
    INSERT INTO router.decisions (
        complaint_id, decision, department, office, supporting_departments, confidence, alternatives, complaint_class,
        topic, urgency, responsible_body, why, model_version, decided_at, confidential, sensitive, needs_location,
        unknown_share
    )
    SELECT complaint_id, decision, department, office, supporting_departments, confidence, alternatives,
           complaint_class, complaint_topic, urgency, responsible_body, why, model_version, decided_at, confidential,
           sensitive, needs_location, unknown_share
    FROM given
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id
), kept AS (
    INSERT INTO router.texts (complaint_id, text_masked, kecamatan, kelurahan, kept_at)
    SELECT complaint_id, text_masked, kecamatan, kelurahan, decided_at
    FROM given JOIN decided USING (complaint_id)
    WHERE text_masked IS NOT NULL AND NOT confidential
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id, kept_at
), shadowed AS (
    INSERT INTO router.shadow_decisions (complaint_id, model_version, arrived_at)
    SELECT complaint_id, version, kept_at
    FROM kept CROSS JOIN router.models
    WHERE status = 'shadow'
    ON CONFLICT DO NOTHING
), announced AS (
    INSERT INTO router.outbox (event_id, topic, key, value, occurred_at, posted_at, traceparent)
    SELECT event_id, topic, key, value, occurred_at, posted_at, traceparent
    FROM given JOIN decided USING (complaint_id)
)
SELECT complaint_id FROM decided;

-- name: keep_changes
-- Changes of tickets, each once.
-- $1 json: one row per change
INSERT INTO router.ticket_changes (complaint_id, version, event_id, type, department, actor_kind, reason, changed_at)
SELECT complaint_id, version, event_id, type, department, actor_kind, reason, changed_at
FROM json_to_recordset($1::json) AS r (
    complaint_id uuid, version integer, event_id uuid, type text, department text, actor_kind text, reason text,
    changed_at timestamptz
)
ORDER BY complaint_id, version
ON CONFLICT DO NOTHING;

-- name: settle_changes
-- Changes of these complaints' tickets are compared, once, with their decisions: what differs is a correction.
-- The department that was wrong is the last one the ticket had: another person's, or else the model's. A rejection
-- that the model had announced by a responsible body corrects nothing.
-- $1 uuid[]: complaint ids
WITH settled AS (
    UPDATE router.ticket_changes c SET settled = true
    FROM router.decisions d
    WHERE c.complaint_id = ANY ($1) AND NOT c.settled AND d.complaint_id = c.complaint_id
    RETURNING c.event_id, c.complaint_id, c.version, c.type, c.department, c.actor_kind, c.reason, c.changed_at,
              d.department AS decided_department, d.decision, d.model_version, d.confidence, d.responsible_body
), compared AS (
    SELECT s.*, coalesce(
        (SELECT e.department FROM router.ticket_changes e
         WHERE e.complaint_id = s.complaint_id AND e.version < s.version AND e.department IS NOT NULL
         ORDER BY e.version DESC LIMIT 1),
        decided_department
    ) AS department_before
    FROM settled s
), judged AS (
    SELECT *, CASE
        WHEN type IN ('assigned', 'handed_over') AND department <> department_before THEN 'department'
        WHEN type = 'rejected' AND reason = 'not_our_authority' AND responsible_body IS NULL THEN 'not_our_authority'
        WHEN type = 'reclassified' THEN 'reclassified'
    END AS kind
    FROM compared
), corrected AS (
    INSERT INTO router.corrections (
        event_id, complaint_id, version, kind, from_department, to_department, reason, actor_kind, decision,
        model_version, confidence, corrected_at
    )
    SELECT event_id, complaint_id, version, kind, department_before,
           CASE kind WHEN 'department' THEN department WHEN 'reclassified' THEN coalesce(department, department_before)
           END,
           reason, actor_kind, decision, model_version, confidence, changed_at
    FROM judged
    WHERE kind IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING kind, from_department
)
SELECT kind, from_department FROM corrected;

-- name: awaited_decisions
-- Complaints whose tickets changed before their decision was here, which is here now.
-- $1 integer: how many changes at most
SELECT DISTINCT complaint_id FROM (
    SELECT c.complaint_id FROM router.ticket_changes c JOIN router.decisions d USING (complaint_id)
    WHERE NOT c.settled
    LIMIT $1
) AS found;

-- name: labels
-- The newest departments that people confirmed, oldest first, with the text.
-- Where the last correction sent the ticket, or where a ticket that nobody corrected was closed. Outside the city's
-- authority there is no department to learn.
-- $1 integer: how many at most
WITH corrected AS (
    SELECT DISTINCT ON (complaint_id) complaint_id, to_department AS department, corrected_at AS labelled_at
    FROM router.corrections
    WHERE kind <> 'reclassified'
    ORDER BY complaint_id, version DESC
), confirmed AS (
    SELECT DISTINCT ON (complaint_id) complaint_id, department, changed_at AS labelled_at
    FROM router.ticket_changes c
    WHERE type = 'closed' AND settled AND department IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM corrected WHERE corrected.complaint_id = c.complaint_id)
    ORDER BY complaint_id, version DESC
), labelled AS (
    SELECT complaint_id, department, labelled_at, true AS corrected FROM corrected WHERE department IS NOT NULL
    UNION ALL
    SELECT complaint_id, department, labelled_at, false FROM confirmed
), newest AS (
    SELECT complaint_id, text_masked, department, labelled_at, corrected
    FROM labelled JOIN router.texts USING (complaint_id)
    ORDER BY labelled_at DESC, complaint_id
    LIMIT $1
)
SELECT text_masked AS text, department, labelled_at, corrected FROM newest ORDER BY labelled_at, complaint_id;

-- name: models_at_work
-- Which model is to decide and which to shadow it, none of a role when the row says so, and the day in Tangerang.
SELECT (clock.now() AT TIME ZONE 'Asia/Jakarta')::date AS today, role, version, file_name, file_sha256,
       manifest::text
FROM unnest(ARRAY ['active', 'shadow']) AS role LEFT JOIN router.models ON status = role;

-- name: register_model
-- A model becomes a candidate.
-- Trained again from the same, it is the same: its file and figures are renewed, its status stays.
-- $1 text: its version
-- $2 text: the name of its file
-- $3 text: the file's SHA-256
-- $4 text: its manifest, as JSON
-- $5 text: the gate's figures, as JSON; null if it was not judged
INSERT INTO router.models (version, file_name, file_sha256, manifest, gate, status)
VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, 'candidate')
ON CONFLICT (version) DO UPDATE SET
    file_name = excluded.file_name, file_sha256 = excluded.file_sha256, manifest = excluded.manifest,
    gate = coalesce(excluded.gate, models.gate), changed_at = now();

-- name: registered_models
-- Every model that was registered, the newest first.
SELECT version, file_name, file_sha256, manifest::text, status, gate::text, replaced, registered_at, changed_at
FROM router.models ORDER BY registered_at DESC, version;

-- name: lock_models
-- Nobody else changes what is at work until this transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('laksa.router.models', 0));

-- name: set_status
-- A model's turn.
-- $1 text: its version
-- $2 text: the status
UPDATE router.models SET status = $2, changed_at = now() WHERE version = $1;

-- name: set_replaced
-- What an active model took the place of, for the way back.
-- $1 text: its version
-- $2 text: the version before it; null: the one that routers are started with
UPDATE router.models SET replaced = $2 WHERE version = $1;

-- name: shadow_waiting
-- Complaints that the shadow model has not been asked about, the oldest first, held until the transaction ends.
-- What another router holds is left to it.
-- $1 text: the shadow model's version
-- $2 integer: how many at most
SELECT complaint_id, text_masked, kecamatan, kelurahan
FROM router.shadow_decisions s JOIN router.texts USING (complaint_id)
WHERE s.model_version = $1 AND s.department IS NULL
ORDER BY s.arrived_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED;

-- name: keep_shadow
-- What the shadow model would have decided.
-- $1 json: one row per complaint
UPDATE router.shadow_decisions s SET department = r.department, confidence = r.confidence
FROM json_to_recordset($1::json) AS r (
    complaint_id uuid, model_version text, department text, confidence double precision
)
WHERE s.complaint_id = r.complaint_id AND s.model_version = r.model_version;

-- name: forget
-- Texts, what a shadow model said, and changes that no decision ever came for, of the oldest days go.
-- $1 timestamptz: what was kept before it goes
-- $2 integer: how many of each at most
WITH texts AS (
    DELETE FROM router.texts WHERE complaint_id IN
        (SELECT complaint_id FROM router.texts WHERE kept_at < $1 ORDER BY kept_at LIMIT $2)
    RETURNING 1
), shadows AS (
    DELETE FROM router.shadow_decisions s USING
        (SELECT complaint_id, model_version FROM router.shadow_decisions WHERE arrived_at < $1
         ORDER BY arrived_at LIMIT $2) AS old
    WHERE s.complaint_id = old.complaint_id AND s.model_version = old.model_version
    RETURNING 1
), changes AS (
    DELETE FROM router.ticket_changes WHERE event_id IN
        (SELECT event_id FROM router.ticket_changes WHERE NOT settled AND changed_at < $1 LIMIT $2)
    RETURNING 1
)
SELECT (SELECT count(*) FROM texts) + (SELECT count(*) FROM shadows) + (SELECT count(*) FROM changes) AS forgotten;

-- name: decided_lately
-- How many of the last days' decisions needed no person.
-- $1 interval: how long back
SELECT count(*) AS decided, count(*) FILTER (WHERE decision <> 'review') AS without_person
FROM router.decisions WHERE decided_at > clock.now() - $1::interval;

-- name: agreed
-- How many automatic decisions nobody corrected within so long.
-- Younger ones are left out: nobody may have looked at them yet.
-- $1 interval: how long a correction may take
-- $2 interval: how long a stretch of decisions before that
SELECT count(*) AS automatic, count(*) FILTER (WHERE NOT EXISTS (
    SELECT 1 FROM router.corrections c
    WHERE c.complaint_id = d.complaint_id AND c.kind <> 'reclassified' AND c.corrected_at <= d.decided_at + $1::interval
)) AS agreed
FROM router.decisions d
WHERE decision = 'auto' AND decided_at <= clock.now() - $1::interval
  AND decided_at > clock.now() - $1::interval - $2::interval;

-- name: confidence_spread
-- How a model's decisions, lately and before that, spread over ten steps of confidence, and how much it did not know.
-- $1 text: the model's version
-- $2 interval: what is recent
-- $3 interval: how far back the weeks before it reach
SELECT decided_at > clock.now() - $2::interval AS recent, least(floor(confidence * 10), 9)::integer AS step,
       count(*) AS decisions, avg(unknown_share) AS unknown_share
FROM router.decisions
WHERE model_version = $1 AND decided_at > clock.now() - $3::interval
GROUP BY 1, 2;

-- name: shadow_agreement
-- How often the shadow model of now would have decided as was decided, and how many it has not been asked about.
SELECT count(*) FILTER (WHERE s.department IS NULL) AS waiting, count(s.department) AS asked,
       count(*) FILTER (WHERE s.department = d.department) AS agreed
FROM router.models m
JOIN router.shadow_decisions s ON s.model_version = m.version
JOIN router.decisions d USING (complaint_id)
WHERE m.status = 'shadow';

-- How the router learns: the texts it may learn from, what people made of its decisions, and the models in turn.

ALTER TABLE decisions
    -- As announced: what the reporter asked for, or what the model found sensitive.
    ADD COLUMN confidential   boolean NOT NULL DEFAULT false,
    ADD COLUMN sensitive      boolean NOT NULL DEFAULT false,
    ADD COLUMN needs_location boolean NOT NULL DEFAULT false,
    -- The share of the text's words that the model had never seen.
    ADD COLUMN unknown_share  double precision CHECK (unknown_share BETWEEN 0 AND 1);
CREATE INDEX decisions_decided_at ON decisions (decided_at);

-- Masked texts to learn from, for as long as the city keeps them; never of a confidential complaint.
CREATE TABLE texts (
    complaint_id uuid PRIMARY KEY,
    text_masked  text NOT NULL,
    kecamatan    text,
    kelurahan    text,
    kept_at      timestamptz NOT NULL
);
CREATE INDEX texts_kept_at ON texts (kept_at);

-- What happened to tickets, as far as it says something about a decision. Settled: compared with the decision, which
-- may come later than the change.
CREATE TABLE ticket_changes (
    complaint_id uuid NOT NULL,
    version      integer NOT NULL,
    event_id     uuid NOT NULL UNIQUE,
    type         text NOT NULL,
    department   text,
    actor_kind   text NOT NULL,
    reason       text,
    changed_at   timestamptz NOT NULL,
    settled      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (complaint_id, version)
);
CREATE INDEX ticket_changes_unsettled ON ticket_changes (complaint_id) WHERE NOT settled;

-- Each time that a person decided otherwise, with the model that was wrong and how sure it had been.
CREATE TABLE corrections (
    event_id        uuid PRIMARY KEY,
    complaint_id    uuid NOT NULL,
    version         integer NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('department', 'not_our_authority', 'reclassified')),
    from_department text NOT NULL,
    to_department   text,
    reason          text,
    actor_kind      text NOT NULL,
    decision        text NOT NULL,
    model_version   text NOT NULL,
    confidence      double precision NOT NULL,
    corrected_at    timestamptz NOT NULL,
    UNIQUE (complaint_id, version)
);

-- The models that may decide; none active: the one that each router was started with. `file_name` is below the models
-- folder, `replaced` the version that was active before this one (null: the one routers are started with).
CREATE TABLE models (
    version       text PRIMARY KEY,
    file_name     text NOT NULL CHECK (file_name ~ '^[A-Za-z0-9][A-Za-z0-9._+-]*\.skops$'),
    file_sha256   text NOT NULL,
    manifest      jsonb NOT NULL,
    status        text NOT NULL CHECK (status IN ('candidate', 'shadow', 'active', 'retired')),
    gate          jsonb,
    replaced      text,
    registered_at timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX models_one_at_work ON models (status) WHERE status IN ('active', 'shadow');

-- What the shadow model would have decided; without a department while it has not been asked yet.
CREATE TABLE shadow_decisions (
    complaint_id  uuid NOT NULL,
    model_version text NOT NULL,
    department    text,
    confidence    double precision CHECK (confidence BETWEEN 0 AND 1),
    arrived_at    timestamptz NOT NULL,
    PRIMARY KEY (complaint_id, model_version)
);
CREATE INDEX shadow_decisions_waiting ON shadow_decisions (model_version, arrived_at) WHERE department IS NULL;
CREATE INDEX shadow_decisions_arrived_at ON shadow_decisions (arrived_at);

-- A ticket is what a department works on; complaint_id is the natural key, so a decision delivered twice opens one.
CREATE TABLE tickets (
    complaint_id           uuid PRIMARY KEY,
    ticket_number          text NOT NULL,
    version                integer NOT NULL,
    state                  text NOT NULL CHECK (state IN (
        'in_review', 'assigned', 'in_progress', 'waiting_reporter', 'resolved', 'closed', 'rejected'
    )),
    department             text,
    office                 text,
    supporting_departments text[] NOT NULL,
    complaint_class        text NOT NULL CHECK (complaint_class IN ('complaint', 'information', 'aspiration')),
    topic                  text,
    urgency                text NOT NULL,
    confidential           boolean NOT NULL,
    channel                text NOT NULL,
    text_masked            text,
    location               jsonb,
    attachments            jsonb NOT NULL,
    confidence             double precision NOT NULL,
    alternatives           jsonb NOT NULL,
    why                    jsonb NOT NULL,
    model_version          text NOT NULL,
    submitted_at           timestamptz NOT NULL,
    accepted_at            timestamptz NOT NULL,
    opened_at              timestamptz NOT NULL,
    acknowledge_by         timestamptz NOT NULL,
    respond_by             timestamptz NOT NULL,
    resolve_by             timestamptz NOT NULL,
    acknowledged_at        timestamptz,
    responded_at           timestamptz,
    resolved_at            timestamptz,
    waiting_since          timestamptz,
    CHECK ((state = 'in_review') <= (department IS NULL))
);
CREATE INDEX tickets_ticket_number ON tickets (ticket_number);
CREATE INDEX tickets_open ON tickets (department, state, resolve_by)
    WHERE state IN ('in_review', 'assigned', 'in_progress', 'waiting_reporter');

-- Every change, appended, never edited: versions 1, 2, 3 without a gap.
CREATE TABLE history (
    complaint_id uuid NOT NULL REFERENCES tickets,
    version      integer NOT NULL,
    event_id     uuid NOT NULL UNIQUE,
    type         text NOT NULL,
    state        text NOT NULL,
    department   text,
    actor_kind   text NOT NULL,
    actor_ref    text NOT NULL,
    reason       text,
    message      text,
    cause        uuid NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (complaint_id, version)
);

-- The inbox of commands: a command repeated finds its answer here.
CREATE TABLE commands (
    event_id     uuid PRIMARY KEY,
    complaint_id uuid NOT NULL,
    command      text NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('done', 'refused')),
    reason       text,
    detail       text,
    version      integer,
    answered_at  timestamptz NOT NULL
);

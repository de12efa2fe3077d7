-- The model's decision on each complaint, with what is needed to explain and to judge it later.
CREATE TABLE decisions (
    complaint_id           uuid PRIMARY KEY,
    decision               text NOT NULL CHECK (decision IN ('auto', 'review', 'emergency')),
    department             text NOT NULL,
    office                 text,
    supporting_departments text[] NOT NULL,
    confidence             double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    alternatives           jsonb NOT NULL,
    complaint_class        text NOT NULL,
    topic                  text,
    urgency                text NOT NULL,
    responsible_body       text,
    why                    jsonb NOT NULL,
    model_version          text NOT NULL,
    decided_at             timestamptz NOT NULL
);

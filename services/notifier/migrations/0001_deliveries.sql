-- Who was told what, because of which event, through which channel: once each.
CREATE TABLE deliveries (
    cause         uuid NOT NULL,
    audience      text NOT NULL CHECK (audience IN ('reporter', 'officer', 'supervisor')),
    channel       text NOT NULL,
    event_id      uuid NOT NULL,
    complaint_id  uuid NOT NULL,
    ticket_number text NOT NULL,
    kind          text NOT NULL,
    issued_at     timestamptz NOT NULL,
    PRIMARY KEY (cause, audience, channel)
);
CREATE INDEX deliveries_complaint_id ON deliveries (complaint_id);

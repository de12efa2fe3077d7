-- What was said, masked, under its number. The natural key complaint_id is the inbox: a repeat finds its row.
CREATE TABLE complaints (
    complaint_id   uuid PRIMARY KEY,
    ticket_number  text NOT NULL,
    content_digest bytea NOT NULL,
    channel        text NOT NULL,
    text_masked    text NOT NULL,
    location       jsonb,
    attachments    jsonb NOT NULL,
    confidential   boolean NOT NULL,
    reporter_ref   text,
    submitted_at   timestamptz NOT NULL,
    accepted_at    timestamptz NOT NULL,
    CONSTRAINT complaints_ticket_number_unique UNIQUE (ticket_number)
);
COMMENT ON COLUMN complaints.content_digest IS 'HMAC-SHA256 of the decoded content: tells a repeat from a conflict';

-- Who said it and, where masking changed it, what exactly: sealed to the complaint, opened by entitled people only.
CREATE TABLE contacts (
    complaint_id uuid PRIMARY KEY REFERENCES complaints,
    sealed       bytea NOT NULL
);

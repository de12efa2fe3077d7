-- Records that could not be accepted, one row each however often they are read; `sealed` holds the encrypted bytes.
CREATE TABLE dead_letters (
    event_id         uuid PRIMARY KEY,
    topic            text NOT NULL,
    kafka_partition  integer NOT NULL,
    kafka_offset     bigint NOT NULL,
    record_timestamp timestamptz NOT NULL,
    reason           text NOT NULL,
    detail           text NOT NULL,
    complaint_id     uuid,
    sealed           bytea,
    received_at      timestamptz NOT NULL DEFAULT now(),
    -- The timestamp tells a re-created topic's record from the one that had the same coordinates before.
    UNIQUE (topic, kafka_partition, kafka_offset, record_timestamp)
);
CREATE INDEX dead_letters_received_at ON dead_letters (received_at);

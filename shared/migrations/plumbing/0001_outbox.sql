-- Events written in the transaction that caused them; the relay publishes them in order and deletes them by seq.
CREATE TABLE outbox (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    uuid NOT NULL,
    topic       text NOT NULL,
    key         text NOT NULL,
    value       text NOT NULL,
    occurred_at timestamptz NOT NULL,
    posted_at   timestamptz,
    traceparent text,
    created_at  timestamptz NOT NULL DEFAULT now()
) WITH (
    -- A queue in a table lives and dies by vacuum: many dead rows at its head make every read of it slow.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 20000
);

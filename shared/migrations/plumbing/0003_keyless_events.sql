-- A dead letter is keyed like the bad record, which may have no key.
ALTER TABLE outbox ALTER COLUMN key DROP NOT NULL;

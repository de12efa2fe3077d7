"""A record that could not be accepted: why and from where, never what it said."""

from uuid import UUID

from shared.events.envelope import Message, Moment
from shared.events.hygiene import CleanStr


class Source(Message):
    """A record's coordinates on Kafka."""

    topic: CleanStr
    partition: int
    offset: int


class DeadLettered(Message):
    """One bad record; `complaint_id` is null where it could not be read."""

    event_id: UUID
    occurred_at: Moment
    complaint_id: UUID | None = None
    service: CleanStr
    reason: CleanStr
    detail: CleanStr
    source: Source

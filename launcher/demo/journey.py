"""What the topics say about each complaint, as anyone outside could read it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.events import (
    ComplaintRegistered,
    ComplaintRouted,
    DeadLettered,
    NotificationIssued,
    TicketChanged,
    Undecodable,
    decode,
    headers_of,
)
from shared.events.topics import (
    COMPLAINTS_REGISTERED,
    COMPLAINTS_ROUTED,
    DEAD_LETTER,
    NOTIFICATIONS,
    TICKETS_EVENTS,
)

_MODELS: Mapping[str, type[Any]] = {
    COMPLAINTS_REGISTERED.name: ComplaintRegistered,
    COMPLAINTS_ROUTED.name: ComplaintRouted,
    TICKETS_EVENTS.name: TicketChanged,
    NOTIFICATIONS.name: NotificationIssued,
    DEAD_LETTER.name: DeadLettered,
}


@dataclass(slots=True)
class Journey:
    """One complaint as far as it has come."""

    complaint_id: str
    registered: ComplaintRegistered | None = None
    routed: ComplaintRouted | None = None
    opened: TicketChanged | None = None
    told: NotificationIssued | None = None
    opened_after_seconds: float | None = None

    @property
    def complete(self) -> bool:
        """Numbered, routed, opened, and the reporter told the number."""
        return None not in (self.registered, self.routed, self.opened, self.told)


@dataclass(slots=True)
class Journeys:
    """Everything seen since the follower began. Deliveries come at least once; what is counted is distinct."""

    by_complaint: dict[str, Journey] = field(default_factory=dict)
    dead_letters: dict[str, DeadLettered] = field(default_factory=dict)

    def see(self, event: Any, posted_at: datetime | None) -> Journey | None:
        """Take in one event; returns the journey if this event completed it."""
        if isinstance(event, DeadLettered):
            self.dead_letters[str(event.event_id)] = event
            return None
        if not _is_a_stage(event):
            return None
        journey = self.by_complaint.setdefault(str(event.complaint_id), Journey(str(event.complaint_id)))
        before = journey.complete
        match event:
            case ComplaintRegistered():
                journey.registered = event
            case ComplaintRouted():
                journey.routed = event
            case TicketChanged():
                journey.opened = event
                if posted_at:
                    journey.opened_after_seconds = (datetime.now(UTC) - posted_at).total_seconds()
            case NotificationIssued():
                journey.told = event
        return journey if journey.complete and not before else None

    def count(self, stage: Callable[[Journey], object]) -> int:
        """How many complaints have come to a stage."""
        return sum(1 for journey in self.by_complaint.values() if stage(journey))


def _is_a_stage(event: Any) -> bool:
    """Whether an event belongs to the way from posting to ticket; what departments do later does not."""
    match event:
        case TicketChanged():
            return event.type == "opened"
        case NotificationIssued():
            return event.kind == "received"
    return True


@asynccontextmanager
async def following(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader of all that the services say from now on; it belongs to no group and disturbs nobody."""
    consumer = AIOKafkaConsumer(
        *_MODELS, bootstrap_servers=bootstrap.split(","), client_id="laksa-watch", auto_offset_reset="latest"
    )
    await consumer.start()
    try:
        while {partition.topic for partition in consumer.assignment()} != set(_MODELS):
            await asyncio.sleep(0.02)
        await consumer.seek_to_end()
        yield consumer
    finally:
        await consumer.stop()


async def events(consumer: AIOKafkaConsumer, timeout_ms: int = 200) -> Sequence[tuple[Any, datetime | None]]:
    """The next events, each with when its complaint was posted; empty when nothing came in time."""
    found = []
    for records in (await consumer.getmany(timeout_ms=timeout_ms)).values():
        for record in records:
            event = decode(_MODELS[record.topic], record.value)
            if not isinstance(event, Undecodable):
                found.append((event, headers_of(record.headers).posted_at))
    return found

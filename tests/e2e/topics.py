"""What an outsider sees on the topics: raw records from the beginning, without the project's own event classes."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer

EMITTED = (
    "laksa.complaints.registered.v1",
    "laksa.complaints.routed.v1",
    "laksa.tickets.events.v1",
    "laksa.tickets.assigned.v1",
    "laksa.tickets.replies.v1",
    "laksa.notifications.v1",
    "laksa.dead-letter.v1",
)


class Seen:
    """Records by topic and complaint, in the order in which they were read."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))

    def of(self, topic: str, complaint_id: str) -> list[dict[str, Any]]:
        """All deliveries about one complaint on one topic."""
        return self.records[topic][complaint_id]

    def distinct(self, topic: str, complaint_id: str) -> list[dict[str, Any]]:
        """The same without repeated deliveries of one event."""
        return list({event["event_id"]: event for event in self.of(topic, complaint_id)}.values())


async def read_until(bootstrap: str, complete: Callable[[Seen], bool], timeout: float) -> Seen:
    """Read every emitted topic from its beginning until `complete` says so or `timeout` seconds have passed."""
    seen = Seen()
    consumer = AIOKafkaConsumer(*EMITTED, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(timeout):
            while not complete(seen):
                for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        event = json.loads(record.value)
                        seen.records[partition.topic][event["complaint_id"] or ""].append(event)
    except TimeoutError:
        return seen
    finally:
        await consumer.stop()
    return seen

"""Every topic: its name, what keys it, how many partitions it has and how long it keeps records."""

from dataclasses import dataclass

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic as provisioning creates it.

    `partitions` only ever grow, and growing re-maps keys, so the number is chosen once. `retention_ms` is
    milliseconds. `event_type` is the CloudEvents type of its records.
    """

    name: str
    key: str
    partitions: int
    retention_ms: int
    event_type: str


COMPLAINTS_SUBMITTED = Topic(
    # The one topic with personal data: seven days, never under the backup interval.
    "laksa.complaints.submitted.v1", "complaint_id", 12, 7 * _DAY_MS, "laksa.complaints.submitted.v1"
)  # fmt: skip
COMPLAINTS_REGISTERED = Topic(
    "laksa.complaints.registered.v1", "complaint_id", 12, 30 * _DAY_MS, "laksa.complaints.registered.v1"
)
COMPLAINTS_ROUTED = Topic("laksa.complaints.routed.v1", "complaint_id", 12, 30 * _DAY_MS, "laksa.complaints.routed.v1")
TICKETS_ASSIGNED = Topic("laksa.tickets.assigned.v1", "department", 12, 30 * _DAY_MS, "laksa.tickets.assigned.v1")
TICKETS_EVENTS = Topic("laksa.tickets.events.v1", "complaint_id", 12, 90 * _DAY_MS, "laksa.tickets.events.v1")
TICKETS_COMMANDS = Topic("laksa.tickets.commands.v1", "complaint_id", 12, 30 * _DAY_MS, "laksa.tickets.commands.v1")
TICKETS_REPLIES = Topic("laksa.tickets.replies.v1", "complaint_id", 12, 30 * _DAY_MS, "laksa.tickets.replies.v1")
NOTIFICATIONS = Topic("laksa.notifications.v1", "complaint_id", 12, 30 * _DAY_MS, "laksa.notifications.v1")
DEAD_LETTER = Topic("laksa.dead-letter.v1", "key of the bad record", 3, 30 * _DAY_MS, "laksa.dead-letter.v1")

TOPICS: tuple[Topic, ...] = (
    COMPLAINTS_SUBMITTED,
    COMPLAINTS_REGISTERED,
    COMPLAINTS_ROUTED,
    TICKETS_ASSIGNED,
    TICKETS_EVENTS,
    TICKETS_COMMANDS,
    TICKETS_REPLIES,
    NOTIFICATIONS,
    DEAD_LETTER,
)

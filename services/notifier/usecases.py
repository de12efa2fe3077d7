"""The notifier's one verb: issue notifications, once per (cause, audience)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifier.metrics import Metrics
from services.notifier.store import NotifierStore
from shared import clock
from shared.dead_letters import DeadLetters, Reject
from shared.events import Headers, NotificationIssued
from shared.events.topics import NOTIFICATIONS
from shared.outbox import about_complaint
from shared.postgres import Connection, Database

TOPIC_CHANNEL = "topic"
"""The notifications topic, which the app reads: quiet hours and digests never apply to it."""


@dataclass(slots=True)
class IssueNotifications:
    """Stores and announces notifications; one that was issued before stays as it was."""

    database: Database
    dead_letters: DeadLetters
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(
        self, notifications: Sequence[tuple[NotificationIssued, Headers]], rejects: Sequence[Reject]
    ) -> None:
        """Issue a batch, in the order given."""
        firsts: dict[UUID, tuple[NotificationIssued, Headers]] = {}
        for notification, headers in notifications:
            firsts.setdefault(notification.event_id, (notification, headers))
        ordered = list(firsts.values())

        async def work(connection: Connection) -> tuple[set[UUID], list[Reject]]:
            now = await clock.now(connection)
            candidates = [_row(n, headers, position, now) for position, (n, headers) in enumerate(ordered)]
            issued = await NotifierStore(connection).issue(candidates) if candidates else set()
            return issued, await self.dead_letters.keep(connection, rejects, now)

        issued, kept = await self.database.transact(work)
        self.wake_relay()
        self.metrics.issued([pair for pair in ordered if pair[0].event_id in issued], kept)


def _row(notification: NotificationIssued, headers: Headers, position: int, now: datetime) -> dict[str, Any]:
    return {
        "cause": notification.cause,
        "audience": notification.audience,
        "channel": TOPIC_CHANNEL,
        "complaint_id": notification.complaint_id,
        "ticket_number": notification.ticket_number,
        "kind": notification.kind,
        "issued_at": now,
        "position": position,
        **about_complaint(NOTIFICATIONS, notification, headers).row(),
    }

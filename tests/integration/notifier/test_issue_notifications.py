"""Whoever should know is told once, in the order of what happened."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import orjson
import pytest_asyncio

from services.notifier.domain import Templates, for_registered, for_ticket
from services.notifier.handlers import on_event
from services.notifier.metrics import Metrics
from services.notifier.settings import Settings
from services.notifier.usecases import IssueNotifications
from shared.events import ComplaintRegistered, TicketChanged
from shared.events.topics import COMPLAINTS_REGISTERED, DEAD_LETTER, NOTIFICATIONS, TICKETS_EVENTS
from shared.kafka import Handle
from shared.runtime import Runtime
from tests.factories_tickets import a_change, a_record, a_registered

TEXTS = Templates.load("id")


@dataclass(frozen=True, slots=True)
class Notifier:
    """One worker; its relay stands still, so that the outbox can be read."""

    runtime: Runtime
    on_registered: Handle
    on_ticket: Handle

    async def registered(self, *messages: ComplaintRegistered | bytes, **record: Any) -> None:
        await self.on_registered([a_record(COMPLAINTS_REGISTERED, message, **record) for message in messages])

    async def changed(self, *messages: TicketChanged | bytes, **record: Any) -> None:
        await self.on_ticket([a_record(TICKETS_EVENTS, message, **record) for message in messages])

    async def query(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        async with self.runtime.database.acquire() as connection:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]

    async def issued(self) -> list[dict[str, Any]]:
        rows = await self.query("SELECT value FROM outbox WHERE topic = $1 ORDER BY seq", NOTIFICATIONS.name)
        return [orjson.loads(row["value"]) for row in rows]


HireNotifier = Callable[[], Awaitable[Notifier]]


@pytest_asyncio.fixture
async def hire(dsn: str, secret_key: str) -> AsyncIterator[HireNotifier]:
    """Makes workers on the same database."""
    async with AsyncExitStack() as stack:

        async def hire() -> Notifier:
            settings = Settings(kafka_bootstrap=("127.0.0.1:1",), postgres_dsn=dsn, secret_key=secret_key)
            runtime = Runtime("notifier", settings, topics=[COMPLAINTS_REGISTERED, TICKETS_EVENTS])
            await runtime.database.connect()
            stack.push_async_callback(runtime.database.close)
            issue = IssueNotifications(
                runtime.database, runtime.dead_letters, Metrics(runtime.registry, runtime.plumbing)
            )
            return Notifier(
                runtime,
                on_event(
                    ComplaintRegistered, lambda event: for_registered(event, TEXTS, "https://laksa.example"), issue
                ),
                on_event(TicketChanged, lambda event: for_ticket(event, TEXTS, "https://laksa.example"), issue),
            )

        yield hire


@pytest_asyncio.fixture
async def notifier(hire: HireNotifier) -> Notifier:
    """One worker."""
    return await hire()


async def test_a_reporter_learns_the_number_before_any_router_has_seen_the_complaint(notifier: Notifier) -> None:
    registered = a_registered()
    await notifier.registered(registered)
    [notification] = await notifier.issued()
    assert (notification["kind"], notification["ticket_number"]) == ("received", registered.ticket_number)
    [row] = await notifier.query("SELECT key FROM outbox")
    assert row["key"] == str(registered.complaint_id)


async def test_each_audience_is_told_once_when_a_cause_is_delivered_again_and_again(notifier: Notifier) -> None:
    opened = a_change("opened")
    await notifier.changed(opened, opened)
    await notifier.changed(opened)
    issued = await notifier.issued()
    assert [(n["cause"], n["audience"]) for n in issued] == [
        (str(opened.event_id), "reporter"), (str(opened.event_id), "officer"),
    ]  # fmt: skip
    assert len(await notifier.query("SELECT 1 FROM deliveries")) == 2


async def test_each_audience_is_told_once_when_two_workers_read_the_same_records(hire: HireNotifier) -> None:
    one, other = await hire(), await hire()
    events = [a_change("opened") for _ in range(20)]
    await asyncio.gather(one.changed(*events), other.changed(*reversed(events)))
    issued = await one.issued()
    assert len(issued) == 40
    assert len({(n["cause"], n["audience"]) for n in issued}) == 40


async def test_notifications_keep_the_order_of_what_happened(notifier: Notifier) -> None:
    life = [a_change(name) for name in ("opened", "started", "asked_reporter", "answered", "resolved", "closed")]
    await notifier.changed(*life)
    told_reporter = [n["kind"] for n in await notifier.issued() if n["audience"] == "reporter"]
    assert told_reporter == ["assigned", "in_progress", "question", "answered", "resolved", "closed"]


async def test_the_first_delivery_gives_a_notification_its_place_when_the_batch_repeats_it(notifier: Notifier) -> None:
    started, resolved = a_change("started"), a_change("resolved")
    await notifier.changed(started, resolved, started)
    assert [n["kind"] for n in await notifier.issued()] == ["in_progress", "resolved"]


async def test_nobody_is_told_of_an_opening_in_review(notifier: Notifier) -> None:
    await notifier.changed(a_change("opened", state="in_review", department=None))
    assert await notifier.issued() == []


async def test_officers_are_told_with_their_department_and_reporters_without(notifier: Notifier) -> None:
    await notifier.changed(a_change("handed_over", department="DLH", reason="sampah"))
    assert {n["audience"]: n["department"] for n in await notifier.issued()} == {"reporter": None, "officer": "DLH"}


async def test_garbage_becomes_a_dead_letter_and_its_neighbours_are_told(notifier: Notifier) -> None:
    await notifier.changed(a_change("started"), b'{"version": 2}', a_change("closed"))
    assert [n["kind"] for n in await notifier.issued()] == ["in_progress", "closed"]
    [row] = await notifier.query("SELECT value FROM outbox WHERE topic = $1", DEAD_LETTER.name)
    letter = orjson.loads(row["value"])
    assert (letter["service"], letter["reason"]) == ("notifier", "schema")


async def test_issued_notifications_are_counted_once_and_timed_from_the_citizens_posting(notifier: Notifier) -> None:
    registered = a_registered()
    for _ in range(2):
        await notifier.registered(registered, headers=[("laksa_posted_at", b"1795486500000")])
    registry = notifier.runtime.registry
    assert registry.get_sample_value("laksa_deliveries_total", {"channel": "topic", "outcome": "sent"}) == 1
    assert registry.get_sample_value("laksa_pipeline_latency_seconds_count", {"stage": "notified"}) == 1

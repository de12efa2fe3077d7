"""The router's verbs: route complaints, learn from what people decide otherwise, ask the shadow model, forget."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final
from uuid import UUID

import structlog

from services.router.domain import TELLING
from services.router.metrics import Metrics
from services.router.model.classifier import Classifier, Routing
from services.router.model.place import Place
from services.router.registry import Registry
from services.router.store import Correction, ModelStore, RouterStore
from shared import clock
from shared.batches import Received
from shared.dead_letters import DeadLetters, Reject
from shared.events import Alternative, ComplaintRegistered, ComplaintRouted, Term, TicketChanged
from shared.events.topics import COMPLAINTS_ROUTED
from shared.ids import event_id
from shared.outbox import about_complaint
from shared.postgres import Connection, Database

CATCH_UP_AT_ONCE: Final = 500
FORGET_AT_ONCE: Final = 2_000
FAULT_PAUSE_SECONDS: Final = 10.0
MEASURED_OF_A_BATCH: Final = 50
"""Texts whose unknown words are counted: a mean needs no more, and each is read twice for it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Decided:
    """What a model said of one text, and how much of the text it did not know (0 to 1; None: not measured)."""

    routing: Routing
    unknown_share: float | None


@dataclass(slots=True)
class RouteComplaints:
    """Classifies registered complaints and announces one decision per complaint, whatever is delivered twice."""

    database: Database
    dead_letters: DeadLetters
    registry: Registry
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[ComplaintRegistered]], rejects: Sequence[Reject]) -> None:
        """Route a batch; repeated deliveries in it or before it change nothing."""
        firsts = {r.message.complaint_id: r for r in reversed(received)}
        decided = await self._classify([r.message for r in firsts.values()])

        async def work(connection: Connection) -> tuple[set[UUID], list[Reject]]:
            now = await clock.now(connection)
            # Off the event loop, too: the rows of a batch take as long as a heartbeat should wait at most.
            candidates = await asyncio.to_thread(_rows, firsts, decided, now)
            new = await RouterStore(connection).decide(candidates) if candidates else set()
            return new, await self.dead_letters.keep(connection, rejects, now)

        new, kept = await self.database.transact(work)
        self.wake_relay()
        self.metrics.routed([(decided[i].routing, firsts[i].headers.posted_at) for i in new], kept)

    async def _classify(self, complaints: Sequence[ComplaintRegistered]) -> dict[UUID, Decided]:
        if not complaints:
            return {}
        await self.registry.first_look()
        # Off the event loop: a batch takes longer than a heartbeat may wait.
        decided = await asyncio.to_thread(_decide, self.registry.active, complaints)
        return dict(zip((complaint.complaint_id for complaint in complaints), decided, strict=True))


def _decide(classifier: Classifier, complaints: Sequence[ComplaintRegistered]) -> list[Decided]:
    texts = [complaint.text_masked for complaint in complaints]
    routings = classifier.classify(texts, [_place(complaint) for complaint in complaints])
    shares = _unknown_shares(classifier, texts[:MEASURED_OF_A_BATCH])
    return [Decided(routing, share) for routing, share in zip_longest(routings, shares)]


def _unknown_shares(classifier: Classifier, texts: Sequence[str]) -> list[float]:
    normaliser, features = classifier.weights.normaliser, classifier.weights.features
    return [1 - features.known_share(normaliser.words(text)) for text in texts]


def _place(complaint: ComplaintRegistered) -> Place | None:
    location = complaint.location
    return Place(location.kecamatan, location.kelurahan) if location else None


def _rows(
    firsts: Mapping[UUID, Received[ComplaintRegistered]], decided: Mapping[UUID, Decided], now: datetime
) -> list[dict[str, Any]]:
    return [_row(firsts[complaint_id], one, now) for complaint_id, one in decided.items()]


def _row(received: Received[ComplaintRegistered], decided: Decided, now: datetime) -> dict[str, Any]:
    complaint, routing = received.message, decided.routing
    event = _event(complaint, routing, now)
    kept = {"text_masked": None if event.confidential else complaint.text_masked}
    if place := _place(complaint):
        kept |= {"kecamatan": place.kecamatan, "kelurahan": place.kelurahan}
    return {
        "complaint_id": event.complaint_id,
        "decision": routing.decision,
        "department": routing.department,
        "office": routing.office,
        "supporting_departments": list(routing.supporting_departments),
        "confidence": event.confidence,
        "alternatives": [alternative.model_dump() for alternative in event.alternatives],
        "complaint_class": routing.complaint_class,
        "complaint_topic": routing.topic,
        "urgency": routing.urgency,
        "responsible_body": routing.responsible_body,
        "why": [] if event.confidential else [asdict(term) for term in routing.why],
        "model_version": routing.model_version,
        "decided_at": now,
        "confidential": event.confidential,
        "sensitive": routing.sensitive,
        "needs_location": routing.needs_location,
        "unknown_share": decided.unknown_share,
        **kept,
        **about_complaint(COMPLAINTS_ROUTED, event, received.headers).row(),
    }


def _event(complaint: ComplaintRegistered, routing: Routing, now: datetime) -> ComplaintRouted:
    hidden = complaint.confidential or routing.sensitive
    return ComplaintRouted(
        event_id=event_id(COMPLAINTS_ROUTED.event_type, complaint.complaint_id),
        occurred_at=now,
        complaint_id=complaint.complaint_id,
        decision=routing.decision,
        department=routing.department,
        office=routing.office,
        needs_location=routing.needs_location,
        supporting_departments=routing.supporting_departments,
        confidence=round(routing.confidence, 4),
        alternatives=tuple(
            Alternative(department=a.department, probability=round(a.probability, 4)) for a in routing.alternatives
        ),
        complaint_class=routing.complaint_class,
        topic=routing.topic,
        urgency=routing.urgency,
        responsible_body=routing.responsible_body,
        # The terms are the citizen's words.
        why=() if hidden else tuple(Term(term=t.term, weight=round(t.weight, 3)) for t in routing.why),
        model_version=routing.model_version,
        ticket_number=complaint.ticket_number,
        channel=complaint.channel,
        text_masked=None if hidden else complaint.text_masked,
        location=None if hidden else complaint.location,
        attachments=() if hidden else complaint.attachments,
        confidential=hidden,
        sensitive=routing.sensitive,
        submitted_at=complaint.submitted_at,
        accepted_at=complaint.accepted_at,
    )


@dataclass(slots=True)
class LearnFromTickets:
    """Keeps what happened to tickets and finds in it, once each, where a person decided otherwise than before."""

    database: Database
    dead_letters: DeadLetters
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[TicketChanged]], rejects: Sequence[Reject]) -> None:
        """Learn from a batch. A change whose decision is not here yet is kept for `catch_up`."""
        changes = {(m.complaint_id, m.version): m for r in received if (m := r.message).type in TELLING}
        ids = list({complaint_id for complaint_id, _ in changes})

        async def work(connection: Connection) -> tuple[list[Correction], list[Reject]]:
            store, corrections = RouterStore(connection), []
            if changes:
                await store.keep_changes([_change(message) for message in changes.values()])
                corrections = await store.settle(ids)
            return corrections, await self.dead_letters.keep(connection, rejects, await clock.now(connection))

        corrections, kept = await self.database.transact(work)
        if kept:
            self.wake_relay()
        self.metrics.corrected(corrections, kept)

    async def catch_up(self) -> None:
        """Learn from changes whose decision came after them."""

        async def work(connection: Connection) -> list[Correction]:
            store = RouterStore(connection)
            ids = await store.awaited_decisions(CATCH_UP_AT_ONCE)
            return await store.settle(ids) if ids else []

        self.metrics.corrected(await self.database.transact(work))


def _change(message: TicketChanged) -> dict[str, Any]:
    return {
        "complaint_id": message.complaint_id,
        "version": message.version,
        "event_id": message.event_id,
        "type": message.type,
        "department": message.department,
        "actor_kind": message.actor.kind,
        "reason": message.reason,
        "changed_at": message.occurred_at,
    }


@dataclass(slots=True)
class AskShadow:
    """Puts routed complaints to the shadow model, after the fact and beside the work; nobody acts on its answers."""

    database: Database
    registry: Registry
    batch: int = 100

    async def __call__(self) -> int:
        """Ask about a batch; returns how many complaints it had."""
        shadow = self.registry.shadow
        if shadow is None:
            return 0
        version = shadow.manifest.model_version

        async def work(connection: Connection) -> int:
            store = ModelStore(connection)
            waiting = await store.shadow_waiting(version, self.batch)
            if waiting:
                await store.keep_shadow(await asyncio.to_thread(_shadow_rows, shadow, waiting))
            return len(waiting)

        return await self.database.transact(work)


def _shadow_rows(shadow: Classifier, waiting: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    places = [Place(row["kecamatan"], row["kelurahan"]) for row in waiting]
    routings = shadow.classify([row["text_masked"] for row in waiting], places)
    return [
        {
            "complaint_id": row["complaint_id"],
            "model_version": routing.model_version,
            "department": routing.department,
            "confidence": routing.confidence,
        }
        for row, routing in zip(waiting, routings, strict=True)
    ]


@dataclass(slots=True)
class Forget:
    """Deletes texts, and what came of them, when they are older than the city keeps them."""

    database: Database
    keep: timedelta

    async def __call__(self) -> int:
        """Delete one batch; returns how many rows went."""

        async def work(connection: Connection) -> int:
            before = await clock.now(connection) - self.keep
            return await RouterStore(connection).forget(before, FORGET_AT_ONCE)

        return await self.database.transact(work)


async def repeat(work: Callable[[], Awaitable[object]], every_seconds: float) -> None:
    """Do `work` again and again until cancelled. Its faults are logged and end nothing: routing goes on without it."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("work beside routing failed and will be tried again")
            await asyncio.sleep(FAULT_PAUSE_SECONDS)
        await asyncio.sleep(every_seconds)

"""The router's one verb: route complaints, a batch in one transaction, each exactly once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.router.metrics import Metrics
from services.router.model.classifier import Classifier, Routing
from services.router.store import RouterStore
from shared import clock
from shared.batches import Received
from shared.dead_letters import DeadLetters, Reject
from shared.events import Alternative, ComplaintRegistered, ComplaintRouted, Term
from shared.events.topics import COMPLAINTS_ROUTED
from shared.ids import event_id
from shared.outbox import about_complaint
from shared.postgres import Connection, Database


@dataclass(slots=True)
class RouteComplaints:
    """Classifies registered complaints and announces one decision per complaint, whatever is delivered twice."""

    database: Database
    dead_letters: DeadLetters
    classifier: Classifier
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[ComplaintRegistered]], rejects: Sequence[Reject]) -> None:
        """Route a batch; repeated deliveries in it or before it change nothing."""
        firsts = {r.message.complaint_id: r for r in reversed(received)}
        texts = [r.message.text_masked for r in firsts.values()]
        # Off the event loop: a batch takes longer than a heartbeat may wait.
        routings = await asyncio.to_thread(self.classifier.classify, texts) if texts else []
        decided = dict(zip(firsts, routings, strict=True))

        async def work(connection: Connection) -> tuple[set[UUID], list[Reject]]:
            now = await clock.now(connection)
            candidates = [_row(firsts[i], routing, now) for i, routing in decided.items()]
            new = await RouterStore(connection).decide(candidates) if candidates else set()
            return new, await self.dead_letters.keep(connection, rejects, now)

        new, kept = await self.database.transact(work)
        self.wake_relay()
        self.metrics.routed([(decided[i], firsts[i].headers.posted_at) for i in new], kept)


def _row(received: Received[ComplaintRegistered], routing: Routing, now: datetime) -> dict[str, Any]:
    event = _event(received.message, routing, now)
    outgoing = about_complaint(COMPLAINTS_ROUTED, event, received.headers)
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
        "why": [asdict(term) for term in routing.why],
        "model_version": routing.model_version,
        "decided_at": now,
        **outgoing.row(),
    }


def _event(complaint: ComplaintRegistered, routing: Routing, now: datetime) -> ComplaintRouted:
    hidden = complaint.confidential
    return ComplaintRouted(
        event_id=event_id(COMPLAINTS_ROUTED.event_type, complaint.complaint_id),
        occurred_at=now,
        complaint_id=complaint.complaint_id,
        decision=routing.decision,
        department=routing.department,
        office=routing.office,
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
        confidential=complaint.confidential,
        submitted_at=complaint.submitted_at,
        accepted_at=complaint.accepted_at,
    )

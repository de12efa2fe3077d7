"""The desk's verbs: open tickets, obey commands; each a batch in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.desk import announcements
from services.desk.domain import Ticket
from services.desk.lifecycle import Moved, NotMoved, decide
from services.desk.metrics import Metrics
from services.desk.sla import Policy
from services.desk.store import Described, DeskStore
from shared import clock, outbox
from shared.batches import Received
from shared.dead_letters import DeadLetters, Reject
from shared.events import Actor, ComplaintRouted, TicketCommand
from shared.events.topics import TICKETS_EVENTS
from shared.ids import event_id
from shared.outbox import Outgoing
from shared.postgres import Connection, Database
from shared.privacy.masking import mask

ROUTER = Actor(kind="system", ref="router")


@dataclass(slots=True)
class OpenTickets:
    """Opens one ticket per routed complaint, in review or with its department, and starts its clocks."""

    database: Database
    dead_letters: DeadLetters
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[ComplaintRouted]], rejects: Sequence[Reject]) -> None:
        """Open a batch; a complaint that has a ticket already is left as it is."""
        firsts = {r.message.complaint_id: r for r in reversed(received)}

        async def work(connection: Connection) -> tuple[set[UUID], list[Reject]]:
            now = await clock.now(connection)
            store = DeskStore(connection)
            opened: set[UUID] = set()
            if firsts:
                policy = await store.policy(now)
                tickets = {i: _new_ticket(r.message, policy) for i, r in firsts.items()}
                columns = [_opening_row(firsts[i].message, ticket, now) for i, ticket in tickets.items()]
                events = [(i, e) for i, ticket in tickets.items() for e in _opening_events(firsts[i], ticket, now)]
                opened = await store.open_tickets(columns, events)
            return opened, await self.dead_letters.keep(connection, rejects, now)

        opened, kept = await self.database.transact(work)
        self.wake_relay()
        self.metrics.opened([firsts[i].headers.posted_at for i in opened], kept)


def _new_ticket(routed: ComplaintRouted, policy: Policy) -> Ticket:
    in_review = routed.decision == "review"
    return Ticket(
        complaint_id=routed.complaint_id,
        ticket_number=routed.ticket_number,
        version=1,
        state="in_review" if in_review else "assigned",
        department=None if in_review else routed.department,
        office=None if in_review else routed.office,
        supporting_departments=() if in_review else routed.supporting_departments,
        complaint_class=routed.complaint_class,
        topic=routed.topic,
        confidential=routed.confidential,
        accepted_at=routed.accepted_at,
        deadlines=policy[routed.complaint_class].deadlines(routed.accepted_at),
    )


_DESCRIPTION = (
    "urgency", "channel", "text_masked", "location", "attachments", "confidence", "alternatives", "why",
    "model_version", "submitted_at",
)  # fmt: skip


def _description(routed: ComplaintRouted) -> dict[str, Any]:
    dumped = routed.model_dump(mode="json")
    return {name: dumped[name] for name in _DESCRIPTION}


def _opening_row(routed: ComplaintRouted, ticket: Ticket, now: datetime) -> dict[str, Any]:
    return {
        "complaint_id": ticket.complaint_id,
        "ticket_number": ticket.ticket_number,
        "state": ticket.state,
        "department": ticket.department,
        "office": ticket.office,
        "supporting_departments": list(ticket.supporting_departments),
        "complaint_class": ticket.complaint_class,
        "complaint_topic": ticket.topic,
        "confidential": ticket.confidential,
        "accepted_at": ticket.accepted_at,
        "opened_at": now,
        "event_id": event_id(TICKETS_EVENTS.event_type, ticket.complaint_id, 1),
        "cause": routed.event_id,
        **_description(routed),
        **ticket.deadlines.model_dump(),
    }


def _opening_events(received: Received[ComplaintRouted], ticket: Ticket, now: datetime) -> list[Outgoing]:
    routed, headers = received.message, received.headers
    opened = announcements.changed(
        ticket, "opened", actor=ROUTER, cause=routed.event_id, now=now, headers=headers
    )  # fmt: skip
    if ticket.department is None:
        return [opened]
    described = Described(ticket, _description(routed))
    return [opened, announcements.assigned(described, assigned_by="model", now=now, headers=headers)]


@dataclass(slots=True)
class ObeyCommands:
    """Judges commands in the order in which they came and answers each; a repeated one gets its first answer."""

    database: Database
    dead_letters: DeadLetters
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[TicketCommand]], rejects: Sequence[Reject]) -> None:
        """Obey a batch: all its moves, history, events and answers commit together."""

        async def work(connection: Connection) -> tuple["_Judgements", list[Reject]]:
            now = await clock.now(connection)
            judgements = await _judge([_masked(r.message) for r in received], DeskStore(connection), now)
            await outbox.add(connection, judgements.events)
            return judgements, await self.dead_letters.keep(connection, rejects, now)

        judgements, kept = await self.database.transact(work)
        self.wake_relay()
        self.metrics.obeyed(judgements.hand_overs, kept)


def _masked(command: TicketCommand) -> TicketCommand:
    """What people typed, without personal numbers; department systems paste what citizens told them."""
    typed = {name: getattr(command, name) for name in ("command", "department", "office", "reason", "text", "topic")}
    actor = command.actor.model_copy(update={"ref": mask(command.actor.ref)})
    return command.model_copy(update={name: mask(text) for name, text in typed.items() if text} | {"actor": actor})


@dataclass(slots=True)
class _Judgements:
    """What one batch of commands comes to."""

    tickets: dict[UUID, Described]
    changed: set[UUID] = field(default_factory=set)
    history: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    events: list[Outgoing] = field(default_factory=list)
    hand_overs: list[str] = field(default_factory=list)


async def _judge(commands: Sequence[TicketCommand], store: DeskStore, now: datetime) -> _Judgements:
    # Locked before the earlier answers are read: whoever judged a repeat of ours has committed by then.
    judgements = _Judgements(await store.lock_tickets(list({c.complaint_id for c in commands})))
    judgements.answers = await store.answers_given([c.event_id for c in commands])
    known = set(judgements.answers)
    policy = await store.policy(now)
    for command in commands:
        if command.event_id not in judgements.answers:
            _judge_one(command, judgements, policy, now)
        answer = judgements.answers[command.event_id]
        judgements.events.append(announcements.answered(command.complaint_id, answer))
    new_answers = [answer for i, answer in judgements.answers.items() if i not in known]
    if new_answers:
        await store.change([judgements.tickets[i].ticket for i in judgements.changed], judgements.history, new_answers)
    return judgements


def _judge_one(command: TicketCommand, judgements: _Judgements, policy: Policy, now: datetime) -> None:
    described = judgements.tickets.get(command.complaint_id)
    ticket = described.ticket if described else None
    decision = decide(ticket, command, policy, now)
    answer = {"event_id": command.event_id, "complaint_id": command.complaint_id, "command": command.command[:100]}
    match decision:
        case NotMoved(reason, detail):
            answer |= {"outcome": "refused", "reason": reason, "detail": detail}
            answer |= {"version": ticket.version if ticket else None}
        case Moved(after, event_type):
            answer |= {"outcome": "done", "reason": None, "detail": None, "version": after.version}
            if described:
                _record(described, after, event_type, command, judgements, now)
    judgements.answers[command.event_id] = answer | {"answered_at": now}


def _record(
    before: Described, after: Ticket, event_type: str, command: TicketCommand, judgements: _Judgements, now: datetime
) -> None:
    described = replace(before, ticket=after)
    judgements.tickets[after.complaint_id] = described
    judgements.changed.add(after.complaint_id)
    event = announcements.changed(
        after, event_type, actor=command.actor, cause=command.event_id, now=now, reason=command.reason,
        message=command.text,
    )  # fmt: skip
    judgements.history.append(_history_row(after, event, event_type, command))
    judgements.events.append(event)
    if command.command in {"assign", "hand_over"}:
        previous = before.ticket.department
        judgements.events.append(
            announcements.assigned(
                described,
                assigned_by="operator",
                now=now,
                previous_department=previous,
                hand_over_reason=command.reason,
            )
        )
    if command.command == "hand_over" and before.ticket.department:
        judgements.hand_overs.append(before.ticket.department)


def _history_row(ticket: Ticket, event: Outgoing, event_type: str, command: TicketCommand) -> dict[str, Any]:
    return {
        "complaint_id": ticket.complaint_id,
        "version": ticket.version,
        "event_id": event.event_id,
        "type": event_type,
        "state": ticket.state,
        "department": ticket.department,
        "actor_kind": command.actor.kind,
        "actor_ref": command.actor.ref,
        "reason": command.reason,
        "message": command.text,
        "cause": command.event_id,
        "at": event.occurred_at,
    }

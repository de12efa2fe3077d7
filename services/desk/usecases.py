"""The desk's verbs: open tickets, obey commands, keep time; each a batch in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from services.desk import announcements
from services.desk.changes import Changes, Why, opening_clocks, opening_row
from services.desk.domain import Clocks, Ticket
from services.desk.lifecycle import Moved, NotMoved, decide
from services.desk.metrics import Metrics
from services.desk.rulebook import Rulebook
from services.desk.sla import Rules, begun
from services.desk.store import Described, DeskStore
from services.desk.timers import Happened, brought_up_to, happen, next_step
from shared import clock, outbox
from shared.batches import Received
from shared.dead_letters import DeadLetters, Reject
from shared.events import Actor, ComplaintRouted, TicketCommand
from shared.ids import event_id
from shared.outbox import Outgoing
from shared.postgres import Connection, Database
from shared.privacy.masking import mask

ROUTER = Actor(kind="system", ref="router")
TIMER = Actor(kind="system", ref="timer")
CALENDAR = Actor(kind="system", ref="calendar")

log = structlog.get_logger()


@dataclass(slots=True)
class OpenTickets:
    """Opens one ticket per routed complaint, in review or with its department, and starts its clocks."""

    database: Database
    dead_letters: DeadLetters
    metrics: Metrics
    rulebook: Rulebook
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[ComplaintRouted]], rejects: Sequence[Reject]) -> None:
        """Open a batch; a complaint that has a ticket already is left as it is."""
        firsts = {r.message.complaint_id: r for r in reversed(received)}

        async def work(connection: Connection) -> tuple[set[UUID], list[Reject]]:
            now = await clock.now(connection)
            opened: set[UUID] = set()
            if firsts:
                rules = await self.rulebook.current(connection)
                opened = await _open(list(firsts.values()), DeskStore(connection), rules, now)
            return opened, await self.dead_letters.keep(connection, rejects, now)

        opened, kept = await self.database.transact(work)
        self.wake_relay()
        self.metrics.opened([firsts[i].headers.posted_at for i in opened], kept)


async def _open(
    received: Sequence[Received[ComplaintRouted]], store: DeskStore, rules: Rules, now: datetime
) -> set[UUID]:
    rows: list[dict[str, Any]] = []
    clocks: list[dict[str, Any]] = []
    events: list[tuple[UUID, Outgoing]] = []
    for one in received:
        described = Described(_new_ticket(one.message, rules), _description(one.message))
        rows.append(opening_row(described, rules, Why(ROUTER, one.message.event_id), now))
        clocks.extend(opening_clocks(described.ticket))
        events.extend((one.message.complaint_id, event) for event in _opening_events(one, described, now))
    return await store.open_tickets(rows, clocks, events)


def _new_ticket(routed: ComplaintRouted, rules: Rules) -> Ticket:
    in_review = routed.decision == "review"
    ticket = Ticket(
        complaint_id=routed.complaint_id,
        ticket_number=routed.ticket_number,
        version=1,
        state="in_review" if in_review else "assigned",
        department=None if in_review else routed.department,
        office=None if in_review else routed.office,
        supporting_departments=() if in_review else routed.supporting_departments,
        complaint_class=routed.complaint_class,
        topic=routed.topic,
        urgency=routed.urgency,
        confidential=routed.confidential,
        accepted_at=routed.accepted_at,
        clocks=Clocks.at_rest(routed.accepted_at),
        rules_version=rules.version,
    )
    return begun(ticket, rules)


_DESCRIPTION = (
    "urgency", "channel", "text_masked", "location", "attachments", "confidence", "alternatives", "why",
    "model_version", "submitted_at",
)  # fmt: skip


def _description(routed: ComplaintRouted) -> dict[str, Any]:
    dumped = routed.model_dump(mode="json")
    return {name: dumped[name] for name in _DESCRIPTION}


def _opening_events(received: Received[ComplaintRouted], described: Described, now: datetime) -> list[Outgoing]:
    ticket, headers = described.ticket, received.headers
    opened = announcements.changed(
        ticket, "opened", actor=ROUTER, cause=received.message.event_id, now=now, headers=headers
    )
    if ticket.department is None:
        return [opened]
    return [opened, announcements.assigned(described, assigned_by="model", now=now, headers=headers)]


@dataclass(slots=True)
class ObeyCommands:
    """Judges commands in the order in which they came and answers each; a repeated one gets its first answer."""

    database: Database
    dead_letters: DeadLetters
    metrics: Metrics
    rulebook: Rulebook
    wake_relay: Callable[[], None] = field(default=lambda: None)

    async def __call__(self, received: Sequence[Received[TicketCommand]], rejects: Sequence[Reject]) -> None:
        """Obey a batch: all its moves, history, events and answers commit together."""

        async def work(connection: Connection) -> tuple["_Judgements", list[Reject]]:
            now = await clock.now(connection)
            rules = await self.rulebook.current(connection)
            judgements = await _judge([_masked(r.message) for r in received], DeskStore(connection), rules, now)
            await outbox.add(connection, judgements.changes.events)
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

    changes: Changes
    answers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    hand_overs: list[str] = field(default_factory=list)


async def _judge(commands: Sequence[TicketCommand], store: DeskStore, rules: Rules, now: datetime) -> _Judgements:
    # Locked before the earlier answers are read: whoever judged a repeat of ours has committed by then.
    tickets = await store.lock_tickets(list({c.complaint_id for c in commands}))
    judgements = _Judgements(Changes(rules, now, tickets))
    judgements.answers = await store.answers_given([c.event_id for c in commands])
    known = set(judgements.answers)
    for command in commands:
        if command.event_id not in judgements.answers:
            _judge_one(command, judgements)
        answer = judgements.answers[command.event_id]
        judgements.changes.events.append(announcements.answered(command.complaint_id, answer))
    new_answers = [answer for i, answer in judgements.answers.items() if i not in known]
    if new_answers:
        await judgements.changes.write(store)
        await store.remember(new_answers)
    return judgements


def _judge_one(command: TicketCommand, judgements: _Judgements) -> None:
    changes = judgements.changes
    described = changes.tickets.get(command.complaint_id)
    ticket = described.ticket if described else None
    answer = {"event_id": command.event_id, "complaint_id": command.complaint_id, "command": command.command[:100]}
    match decide(ticket, command, changes.rules, changes.now):
        case NotMoved(reason, detail):
            answer |= {"outcome": "refused", "reason": reason, "detail": detail}
            answer |= {"version": ticket.version if ticket else None}
        case Moved(after, event_type, part):
            answer |= {"outcome": "done", "reason": None, "detail": None, "version": after.version}
            changes.record(after, event_type, _why(command), part)
            if command.command == "hand_over" and ticket and ticket.department:
                judgements.hand_overs.append(ticket.department)
    judgements.answers[command.event_id] = answer | {"answered_at": changes.now}


def _why(command: TicketCommand) -> Why:
    return Why(command.actor, command.event_id, command.reason, command.text)


@dataclass(slots=True)
class KeepTime:
    """Does to tickets what time alone does to them. Any number of workers may; each ticket is one's at a time.

    All it knows is in rows and business time is Postgres's, so whatever dies, whoever goes on does the rest once.
    """

    database: Database
    rulebook: Rulebook
    wake_relay: Callable[[], None] = field(default=lambda: None)
    batch: int = 200
    every_seconds: float = 1.0

    async def run(self) -> None:
        """Keep time until cancelled. A fault of the code is logged and tried again: the rest of the desk works."""
        while True:
            try:
                while await self():
                    pass
            except Exception:
                log.exception("keeping time failed and will be tried again")
            await asyncio.sleep(self.every_seconds)

    async def __call__(self) -> int:
        """One batch in one transaction; returns how many tickets it changed, nought when nothing was due."""
        changed = await self.database.transact(self._work)
        if changed:
            self.wake_relay()
        return changed

    async def recompute(self) -> int:
        """Bring tickets up to the present rules, all that nobody else holds; returns how many were looked at."""
        return await self.database.transact(self._recompute)

    async def _work(self, connection: Connection) -> int:
        # A new holiday moves a deadline before anybody is told that it was missed.
        return await self._recompute(connection) or await self._do_what_is_due(connection)

    async def _recompute(self, connection: Connection) -> int:
        rules = await self.rulebook.current(connection)
        store = DeskStore(connection)
        outdated = await store.lock_outdated(rules.version, self.batch)
        return await self._change(connection, outdated, _bring_up_to_date)

    async def _do_what_is_due(self, connection: Connection) -> int:
        due = await DeskStore(connection).lock_due(self.batch)
        return await self._change(connection, due, _let_time_pass)

    async def _change(
        self, connection: Connection, ids: Sequence[UUID], change: Callable[[Changes, Ticket], None]
    ) -> int:
        if not ids:
            return 0
        store = DeskStore(connection)
        rules, now = await self.rulebook.current(connection), await clock.now(connection)
        tickets = await store.lock_tickets(ids)
        changes = Changes(rules, now, tickets)
        for complaint_id in ids:
            change(changes, tickets[complaint_id].ticket)
        await changes.write(store)
        await outbox.add(connection, changes.events)
        return len(ids)


def _bring_up_to_date(changes: Changes, ticket: Ticket) -> None:
    match brought_up_to(ticket, changes.rules):
        case Happened(after, event_type, reason):
            cause = event_id("laksa.rules", ticket.complaint_id, changes.rules.version)
            changes.record(after, event_type, Why(CALENDAR, cause, reason))
        case after:
            changes.touch(after)


def _let_time_pass(changes: Changes, ticket: Ticket) -> None:
    """Every step that is due, in the order in which they fell due: a clock that leapt is caught up with."""
    while (step := next_step(ticket, changes.rules)) and step.due_at <= changes.now:
        happened = happen(ticket, step, changes.rules, changes.now)
        cause = event_id("laksa.timers", ticket.complaint_id, happened.ticket.version)
        changes.record(happened.ticket, happened.event_type, Why(TIMER, cause, happened.reason))
        ticket = happened.ticket
    changes.touch(ticket)

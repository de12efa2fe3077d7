"""Tickets, routed complaints, commands and the records that carry them: valid as they are, changed by keyword."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from aiokafka.structs import ConsumerRecord

from services.desk.calendar import Calendars, WorkingCalendar, parse_hours
from services.desk.domain import CLOCKS, Clocks, Ticket
from services.desk.lifecycle import Move
from services.desk.sla import Promise, Promises, Rules, Window, begun
from shared.events import (
    Actor,
    ComplaintRegistered,
    ComplaintRouted,
    Deadlines,
    Message,
    TicketChanged,
    TicketCommand,
    Topic,
)
from shared.events.tickets import ActorKind, State

NOW = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
"""Tuesday 24 November 2026, 09.15 in Tangerang: working time."""
DEPARTMENT = "PUPR"
ANOTHER_DEPARTMENT = "DLH"
DAY = timedelta(hours=7, minutes=30)
LIMITS = {
    "complaint": (1 * DAY, 3 * DAY, 14 * DAY),
    "information": (1 * DAY, 2 * DAY, 5 * DAY),
    "aspiration": (3 * DAY, 14 * DAY, 60 * DAY),
}
"""What is promised: acknowledge, respond, resolve."""
ALWAYS_OPEN = "BPBD"
"""The department that works around the clock."""
WEEK = (*(parse_hours("07:30-12:00 13:00-16:00"),) * 4, parse_hours("07:30-11:30 13:00-16:30"), (), ())
CITY = WorkingCalendar(WEEK)
RULES = Rules(
    version=1,
    calendars=Calendars(CITY, {ALWAYS_OPEN: WorkingCalendar((parse_hours("00:00-24:00"),) * 7)}),
    promises=Promises(
        Promise(complaint_class, clock, limit, datetime(2016, 2, 28, tzinfo=UTC))
        for complaint_class, limits in LIMITS.items()
        for clock, limit in zip(CLOCKS, limits, strict=True)
    ),
    windows={
        "objection": Window(timedelta(days=10), working=False),
        "reopen": Window(timedelta(days=90), working=False),
        "waiting": Window(10 * DAY, working=True),
        "waiting_reminder": Window(7 * DAY, working=True),
    },
)
"""Ordinary weeks without a day off, so that a test can count on its fingers."""

_offsets = count()


def a_ticket(**changes: Any) -> Ticket:
    """A ticket that a department has had since yesterday; `state="in_review"` takes the department away."""
    accepted_at = changes.get("accepted_at", NOW - timedelta(days=1))
    facts: dict[str, Any] = {
        "complaint_id": uuid4(),
        "ticket_number": "LKS-0123-4567",
        "version": 3,
        "state": "assigned",
        "department": None if changes.get("state") == "in_review" else DEPARTMENT,
        "office": None,
        "supporting_departments": (),
        "complaint_class": "complaint",
        "topic": "jalan rusak",
        "urgency": "normal",
        "confidential": False,
        "accepted_at": accepted_at,
        "clocks": Clocks.at_rest(accepted_at),
        "rules_version": RULES.version,
    }
    ticket = begun(Ticket(**facts | {name: changes[name] for name in changes.keys() & facts.keys()}), RULES)
    return replace(ticket, **{name: value for name, value in changes.items() if name not in facts or name == "clocks"})


def a_command(
    command: str, complaint_id: UUID | None = None, *, kind: ActorKind = "operator", **changes: Any
) -> TicketCommand:
    """A command by an operator, an officer of the ticket's department, or the reporter."""
    facts: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": NOW,
        "complaint_id": complaint_id or uuid4(),
        "command": command,
        "actor": Actor(kind=kind, department=DEPARTMENT if kind == "officer" else None, ref="u-17"),
    }
    return TicketCommand(**facts | changes)


def a_full_command(move: Move, complaint_id: UUID | None = None, **changes: Any) -> TicketCommand:
    """A command with everything that its move needs, by the first who may give it."""
    particulars: dict[str, Any] = {
        "department": ANOTHER_DEPARTMENT if "department" in move.needs else None,
        "reason": "duplicate" if move.command == "reject" else "salah alamat",
        "text": "Mohon foto lokasinya",
        "topic": "lampu jalan" if move.command == "reclassify" else None,
    }
    facts = {"kind": move.actors[0]} | particulars | changes
    return a_command(move.command, complaint_id, **facts)


def a_ticket_in(state: State) -> Ticket:
    """A ticket in `state`, acknowledged or ended as the state asks for."""
    paused = {"waiting_since": NOW} if state == "waiting_reporter" else {}
    ended = {"resolved_at": NOW} if state in {"resolved", "closed", "rejected"} else {}
    return a_ticket(state=state, **paused, **ended)


def a_registered(**changes: Any) -> ComplaintRegistered:
    """A complaint as intake accepted it."""
    facts: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": NOW,
        "complaint_id": uuid4(),
        "ticket_number": "LKS-0123-4567",
        "channel": "tangerang_live",
        "text_masked": "Jalan berlubang di depan pasar, sudah dua kali ada yang jatuh",
        "location": {"kecamatan": "Cipondoh"},
        "attachments": [{"url": "https://foto.example/1.jpg", "media_type": "image/jpeg"}],
        "confidential": False,
        "submitted_at": NOW,
        "accepted_at": NOW,
    }
    return ComplaintRegistered.model_validate(facts | changes)


def a_routed(**changes: Any) -> ComplaintRouted:
    """A complaint that the router gave to a department; `decision="review"` asks a person."""
    facts: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": NOW,
        "complaint_id": uuid4(),
        "decision": "auto",
        "department": DEPARTMENT,
        "confidence": 0.93,
        "alternatives": [
            {"department": DEPARTMENT, "probability": 0.93},
            {"department": "PERKIMTAN", "probability": 0.04},
            {"department": "DISHUB", "probability": 0.01},
        ],
        "class": "complaint",
        "topic": "jalan rusak",
        "urgency": "normal",
        "why": [{"term": "jalan berlubang", "weight": 2.1}],
        "model_version": "2026.11-abcdef",
        "ticket_number": "LKS-0123-4567",
        "channel": "tangerang_live",
        "text_masked": "Jalan berlubang di depan pasar",
        "location": {"lat": -6.19, "lon": 106.66, "kecamatan": "Cipondoh"},
        "confidential": False,
        "submitted_at": NOW,
        "accepted_at": NOW,
    }
    return ComplaintRouted.model_validate(facts | changes)


def a_change(event_type: str = "opened", **changes: Any) -> TicketChanged:
    """A ticket event."""
    facts: dict[str, Any] = {
        "event_id": uuid4(),
        "occurred_at": NOW,
        "complaint_id": uuid4(),
        "ticket_number": "LKS-0123-4567",
        "version": 1,
        "type": event_type,
        "state": "assigned",
        "public_status": "menunggu",
        "department": DEPARTMENT,
        "actor": Actor(kind="system", ref="router"),
        "deadlines": Deadlines(
            acknowledge_by=datetime(2026, 11, 25, 2, 15, tzinfo=UTC),
            respond_by=datetime(2026, 11, 27, 2, 15, tzinfo=UTC),
            resolve_by=datetime(2026, 12, 14, 2, 15, tzinfo=UTC),
        ),
        "cause": uuid4(),
    }
    return TicketChanged(**facts | changes)


def a_record(
    topic: Topic, value: Message | bytes | None, *, headers: Iterable[tuple[str, bytes]] = ()
) -> ConsumerRecord[bytes | None, bytes | None]:
    """A record as the consumer hands it over, at an offset of its own."""
    content = value.model_dump_json().encode() if isinstance(value, Message) else value
    return ConsumerRecord(
        topic=topic.name,
        partition=0,
        offset=next(_offsets),
        timestamp=int(NOW.timestamp() * 1000),
        timestamp_type=0,
        key=b"key",
        value=content,
        checksum=None,
        serialized_key_size=3,
        serialized_value_size=len(content or b""),
        headers=tuple(headers),
    )

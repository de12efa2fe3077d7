"""Officers, operators and reporters: what each does next about a ticket, and after how long. Seeded; pure."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from services.desk.calendar import Calendars
from shared.events import Actor, TicketChanged, TicketCommand
from shared.ids import uuid7


@dataclass(frozen=True, slots=True)
class Habit:
    """How a department works: hours of working time in the middle, and how often it does what it should not."""

    acknowledge_hours: float = 2.0
    answer_hours: float = 7.0
    resolve_hours: float = 18.0
    hands_over: float = 0.03
    forgets: float = 0.02
    asks: float = 0.08


HABITS: Mapping[str, Habit] = {
    "BPBD": Habit(acknowledge_hours=0.3, answer_hours=1.5, resolve_hours=8, asks=0.02),
    "DISHUB": Habit(acknowledge_hours=1.0, answer_hours=4, resolve_hours=9),
    "PUPR": Habit(acknowledge_hours=4.0, answer_hours=14, resolve_hours=60),
    "PERKIMTAN": Habit(acknowledge_hours=9.0, answer_hours=26, resolve_hours=80),
    "DISDIK": Habit(acknowledge_hours=8.0, answer_hours=12),
    "SATPOLPP": Habit(hands_over=0.35),
    "DINSOS": Habit(forgets=0.35),
    "DLH": Habit(acknowledge_hours=1.5, answer_hours=6, resolve_hours=14),
}
"""Departments with a habit of their own: quick ones, slow ones, one that hands over a lot, one that forgets."""
USUAL = Habit()
TAKES_OVER: Mapping[str, str] = {"SATPOLPP": "DISHUB", "DLH": "PUPR", "PUPR": "PERKIMTAN", "BPBD": "PUPR"}
REVIEW_HOURS = 1.5
WAKES_UP = 0.6
"""How often a ticket that was forgotten is taken up when its breach has been told to the supervisor."""
REPLIES, OBJECTS, CONFIRMS = 0.7, 0.08, 0.3
_MEDIAN_SPREAD = 0.7
_EMERGENCY_TIMES = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """Somebody's next command about a ticket, and when he will give it."""

    at: datetime
    command: TicketCommand


class People:
    """Everybody who moves tickets; `departments` says whom the Live Room gives a ticket in review."""

    def __init__(self, calendars: Calendars, seed: int) -> None:
        self._calendars = calendars
        self._chance = random.Random(seed)  # noqa: S311
        self.suggested: dict[UUID, str] = {}
        self.urgent: set[UUID] = set()

    def next(self, event: TicketChanged) -> Plan | None:
        """What follows on an event by somebody's hand; None when all wait for time."""
        answer = _NEXT.get(event.type)
        return answer(self, event) if answer else None

    def open(self, event: TicketChanged) -> Plan | None:
        """The Live Room gives a ticket in review to a department; a department begins with its own."""
        if event.state != "in_review":
            return self.receive(event)
        to = self.suggested.get(event.complaint_id, "SETDA")
        return self._later(event, "assign", REVIEW_HOURS, kind="operator", department=to, reason="triase")

    def receive(self, event: TicketChanged) -> Plan | None:
        """A department forgets a ticket, hands it over, or acknowledges it."""
        habit = _habit(event)
        if self._happens(habit.forgets):
            return None
        hands_over = habit.hands_over if event.type == "opened" else habit.hands_over / 4
        if self._happens(hands_over):
            to = TAKES_OVER.get(event.department or "", "SATPOLPP")
            return self._later(event, "hand_over", habit.acknowledge_hours, department=to, reason="bukan tugas kami")
        return self._later(event, "acknowledge", habit.acknowledge_hours)

    def begin(self, event: TicketChanged) -> Plan | None:
        """Who has acknowledged asks the reporter or starts."""
        if self._happens(_habit(event).asks):
            return self._later(event, "ask_reporter", 1.0, text="Mohon alamat lengkap dan patokannya.")
        return self._later(event, "start", 0.5)

    def answer(self, event: TicketChanged) -> Plan | None:
        """The department answers."""
        return self._later(event, "answer", _habit(event).answer_hours, text="Petugas kami sudah menjadwalkan.")

    def resolve(self, event: TicketChanged) -> Plan | None:
        """The department does what it said."""
        return self._later(event, "resolve", _habit(event).resolve_hours, text="Sudah kami kerjakan.")

    def reply(self, event: TicketChanged) -> Plan | None:
        """The reporter replies, after as long as people take, or never."""
        if not self._happens(REPLIES):
            return None
        return self._reporter(event, "reply", self._chance.expovariate(1 / 20), text="Di depan masjid, RT 03.")

    def judge(self, event: TicketChanged) -> Plan | None:
        """The reporter objects, confirms, or says nothing and time closes the ticket."""
        hours = 2 + self._chance.expovariate(1 / 30)
        if self._happens(OBJECTS):
            return self._reporter(event, "object", hours, text="Belum beres, mohon dicek lagi.")
        return self._reporter(event, "confirm", hours) if self._happens(CONFIRMS) else None

    def wake_up(self, event: TicketChanged) -> Plan | None:
        """The supervisor of a department hears that nobody has acknowledged."""
        forgotten = event.reason == "acknowledge" and event.state == "assigned"
        return self._later(event, "acknowledge", 2.0) if forgotten and self._happens(WAKES_UP) else None

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _later(self, event: TicketChanged, command: str, hours: float, kind: str = "officer", **facts: str) -> Plan:
        taken = hours * self._chance.lognormvariate(0, _MEDIAN_SPREAD)
        if event.complaint_id in self.urgent:
            taken *= _EMERGENCY_TIMES
        at = self._calendars.of(event.department).add(event.occurred_at, timedelta(hours=taken))
        actor = {"kind": kind, "ref": "simulasi"} | ({"department": event.department} if kind == "officer" else {})
        return _plan(event, command, at, actor, facts)

    def _reporter(self, event: TicketChanged, command: str, hours: float, **facts: str) -> Plan:
        at = event.occurred_at + timedelta(hours=hours)
        return _plan(event, command, at, {"kind": "reporter", "ref": "pelapor"}, facts)


def _habit(event: TicketChanged) -> Habit:
    return HABITS.get(event.department or "", USUAL)


def _plan(
    event: TicketChanged, command: str, at: datetime, actor: Mapping[str, str | None], facts: Mapping[str, str]
) -> Plan:
    made = TicketCommand(
        event_id=uuid7(),
        occurred_at=at,
        complaint_id=event.complaint_id,
        command=command,
        actor=Actor.model_validate(actor),
        **facts,
    )
    return Plan(at, made)


Decision: TypeAlias = Callable[[People, TicketChanged], Plan | None]
_NEXT: Mapping[str, Decision] = {
    "opened": People.open,
    "assigned": People.receive,
    "handed_over": People.receive,
    "acknowledged": People.begin,
    "started": People.answer,
    "asked_reporter": People.reply,
    "reporter_replied": People.answer,
    "answered": People.resolve,
    "reopened": People.resolve,
    "resolved": People.judge,
    "breached": People.wake_up,
}
"""By type of event: who acts on it. What time alone did changes no plan but that of who forgot."""

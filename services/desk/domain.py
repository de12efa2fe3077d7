"""A ticket: the facts that moves look at and change. Frozen; a move makes a new one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events import Deadlines
from shared.events.tickets import PublicStatus, State

Clock = Literal["acknowledge", "respond", "resolve"]
CLOCKS: tuple[Clock, ...] = ("acknowledge", "respond", "resolve")

PUBLIC_STATUS: dict[State, PublicStatus] = {
    "in_review": "menunggu",
    "assigned": "menunggu",
    "in_progress": "proses",
    "waiting_reporter": "proses",
    "resolved": "selesai",
    "closed": "selesai",
    "rejected": "ditolak",
}
"""The words the public sees."""

OPEN_STATES: tuple[State, ...] = ("in_review", "assigned", "in_progress", "waiting_reporter")

RUNNING: Mapping[State, tuple[Clock, ...]] = {
    "in_review": CLOCKS,
    "assigned": CLOCKS,
    "in_progress": ("respond", "resolve"),
    "waiting_reporter": (),
    "resolved": (),
    "closed": (),
    "rejected": (),
}
"""Which clocks run in a state, unless they were met before."""


@dataclass(frozen=True, slots=True)
class ClockRun:
    """One run of one clock. Acknowledge runs anew for each department; the citizen's two run once.

    `calendar_of` is the department whose calendar it runs by, None the city's. `soon_at` is three quarters of the
    limit, `again_at` twice the limit. The last three say when the timer told so.
    """

    started_at: datetime
    calendar_of: str | None
    soon_at: datetime
    due_at: datetime
    again_at: datetime
    run: int = 1
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    escalated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """The present run of each clock."""

    acknowledge: ClockRun
    respond: ClockRun
    resolve: ClockRun

    @classmethod
    def at_rest(cls, moment: datetime) -> "Clocks":
        """Clocks that nobody has set going; `sla.begun` does."""
        run = ClockRun(moment, None, moment, moment, moment)
        return cls(run, run, run)

    def __iter__(self) -> Iterator[tuple[Clock, ClockRun]]:
        return iter((("acknowledge", self.acknowledge), ("respond", self.respond), ("resolve", self.resolve)))

    def of(self, clock: Clock) -> ClockRun:
        """The present run of one clock."""
        run: ClockRun = getattr(self, clock)
        return run


@dataclass(frozen=True, slots=True)
class Standstill:
    """A time in which the citizen's clocks stood still.

    `waiting`: the reporter was asked for more, which counts up to a cap. `rest`: the ticket was taken for done.
    """

    why: Literal["waiting", "rest"]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket at one version. `rules_version` is that of the calendar and promises its deadlines come from."""

    complaint_id: UUID
    ticket_number: str
    version: int
    state: State
    department: str | None
    office: str | None
    supporting_departments: tuple[str, ...]
    complaint_class: str
    topic: str | None
    urgency: str
    confidential: bool
    accepted_at: datetime
    clocks: Clocks
    rules_version: int
    acknowledged_at: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    waiting_since: datetime | None = None
    reminded_at: datetime | None = None
    stood_still: tuple[Standstill, ...] = ()
    parent: UUID | None = None
    parts: int = 1

    @property
    def public_status(self) -> PublicStatus:
        """The word for this state."""
        return PUBLIC_STATUS[self.state]

    @property
    def deadlines(self) -> Deadlines:
        """The three promises as others see them."""
        clocks = self.clocks
        return Deadlines(
            acknowledge_by=clocks.acknowledge.due_at,
            respond_by=clocks.respond.due_at,
            resolve_by=clocks.resolve.due_at,
        )

    def met_at(self, clock: Clock) -> datetime | None:
        """When this clock was stopped for good; None while it is owed."""
        return {"acknowledge": self.acknowledged_at, "respond": self.responded_at, "resolve": self.resolved_at}[clock]

    def running(self) -> Iterator[tuple[Clock, ClockRun]]:
        """The clocks that run now."""
        for clock in RUNNING[self.state]:
            if self.met_at(clock) is None:
                yield clock, self.clocks.of(clock)


@dataclass(frozen=True, slots=True)
class PublicTicket:
    """What anybody who knows the number may see. `history`: (event type, department, when), oldest first."""

    ticket_number: str
    public_status: PublicStatus
    department: str | None
    accepted_at: datetime
    respond_by: datetime
    resolve_by: datetime
    clocks_run: bool
    history: tuple[tuple[str, str | None, datetime], ...]

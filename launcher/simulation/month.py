"""The month itself: complaints come, people act on what the topics tell them, business time runs, slower at work."""

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer

from launcher.demo.journey import events, following
from launcher.demo.posting import connected, post
from launcher.simulation.business_time import BusinessTime, bent
from launcher.simulation.city import Arrival
from launcher.simulation.people import People, Plan
from services.desk.calendar import JAKARTA, Calendars
from services.desk.rulebook import Rulebook
from services.desk.usecases import KeepTime
from shared.events import ComplaintRouted, TicketChanged
from shared.events.topics import TICKETS_COMMANDS
from shared.postgres import Database

AT_WORK, AT_REST = 4_500.0, 60_000.0
"""How many seconds of business time pass in a real one: while somebody works, and while the city sleeps."""
_LOOK_MS = 40
_TIMER_SECONDS = 0.1
_SETTLE_SECONDS = 20.0
_QUIET_SECONDS = 1.5
_TELL_SECONDS = 5.0


@dataclass(slots=True)
class Month:
    """What was posted, what was planned and what has been seen; times are business times."""

    people: People
    calendars: Calendars
    coming: deque[Arrival]
    ids: frozenset[UUID]
    posted: set[UUID] = field(default_factory=set)
    opened: set[UUID] = field(default_factory=set)
    commanded: int = 0
    seen: set[UUID] = field(default_factory=set)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    _agenda: list[tuple[datetime, int, Plan]] = field(default_factory=list)
    _plans: dict[UUID, Plan] = field(default_factory=dict)
    _unacknowledged: set[UUID] = field(default_factory=set)

    def see(self, event: Any) -> None:
        """Take in what a topic says, each event once, and let people decide."""
        if event.complaint_id not in self.ids or event.event_id in self.seen:
            return
        self.seen.add(event.event_id)
        match event:
            case ComplaintRouted():
                self.people.suggested[event.complaint_id] = event.department
                if event.urgency == "emergency":
                    self.people.urgent.add(event.complaint_id)
            case TicketChanged():
                self._changed(event)

    def _changed(self, event: TicketChanged) -> None:
        self.opened.add(event.complaint_id)
        self.changes[event.department or "TLR", event.type] += 1
        always = self.calendars.of(event.department) is not self.calendars.city
        waits = always and event.state == "assigned" and event.type != "acknowledged"
        (self._unacknowledged.add if waits else self._unacknowledged.discard)(event.complaint_id)
        plan = self.people.next(event)
        if event.type == "breached" and event.complaint_id in self._plans:
            return
        if plan:
            self._plans[event.complaint_id] = plan
            heapq.heappush(self._agenda, (plan.at, len(self.seen), plan))

    def due_arrivals(self, now: datetime) -> list[Arrival]:
        """The complaints whose time has come."""
        found = []
        while self.coming and self.coming[0].at <= now:
            found.append(self.coming.popleft())
        self.posted.update(arrival.complaint_id for arrival in found)
        return found

    def due_plans(self, now: datetime) -> list[Plan]:
        """The commands whose time has come, without those that were given up for another."""
        found = []
        while self._agenda and self._agenda[0][0] <= now:
            plan = heapq.heappop(self._agenda)[2]
            if self._plans.get(plan.command.complaint_id) is plan:
                del self._plans[plan.command.complaint_id]
                found.append(plan)
        self.commanded += len(found)
        return found

    def speed(self, now: datetime) -> float:
        """Slow while offices are open, or while a complaint or somebody on duty around the clock would notice."""
        open_now = self.calendars.city.between(now, now + timedelta(minutes=30))
        return AT_WORK if open_now or self.posted - self.opened or self._on_duty() else AT_REST

    def _on_duty(self) -> bool:
        """Whether somebody who works around the clock is about to acknowledge; what is forgotten slows nothing."""
        return not self._unacknowledged.isdisjoint(self._plans)


async def live_through(
    status: dict[str, Any], arrivals: Iterable[Arrival], *, begins: datetime, ends: datetime, seed: int,
    tell: Callable[[str], None], at_the_end: Callable[[Month], Any],
) -> Any:  # fmt: skip
    """Run from `begins` to `ends` on the running system; returns what `at_the_end` finds before time is real again."""
    bootstrap, dsn = status["kafka"]["bootstrap"], status["postgres"]["dsn"]
    database = Database(dsn, "desk", connections=2)
    rulebook = Rulebook()
    await database.connect()
    try:
        calendars = (await database.transact(rulebook.current)).calendars
        found = deque(arrivals)
        ids = frozenset(arrival.complaint_id for arrival in found)
        month = Month(People(calendars, seed), calendars, found, ids)
        async with (
            following(bootstrap) as consumer,
            connected(bootstrap) as producer,
            bent(dsn, begins, AT_REST) as time,
        ):
            timer = asyncio.create_task(_keep_time(database, rulebook))
            try:
                await _live(month, time, consumer, producer, ends, tell)
                return await at_the_end(month)
            finally:
                timer.cancel()
                with suppress(asyncio.CancelledError):
                    await timer
    finally:
        await database.close()


async def _keep_time(database: Database, rulebook: Rulebook) -> None:
    """One more of the desk's timers, which looks oftener: the desk's own second is an hour here."""
    await KeepTime(database, rulebook, every_seconds=_TIMER_SECONDS).run()


async def _live(
    month: Month, time: BusinessTime, consumer: Any, producer: AIOKafkaProducer, ends: datetime,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    told = monotonic()
    while (now := await time.now()) < ends:
        await _act(month, now, producer)
        for event, _ in await events(consumer, timeout_ms=_LOOK_MS):
            month.see(event)
        await time.run_at(month.speed(now))
        if monotonic() - told > _TELL_SECONDS:
            told = monotonic()
            tell(f"  {now.astimezone(JAKARTA):%a %d %b}: {len(month.posted)} complaints, {month.commanded} commands")
    await time.run_at(1.0)
    await _settle(month, consumer)


async def _settle(month: Month, consumer: Any) -> None:
    """Read on until everything that was posted has a ticket and nothing more is said."""
    until, last = monotonic() + _SETTLE_SECONDS, monotonic()
    while monotonic() < until and (month.posted - month.opened or monotonic() - last < _QUIET_SECONDS):
        for event, _ in await events(consumer):
            month.see(event)
            last = monotonic()


async def _act(month: Month, now: datetime, producer: AIOKafkaProducer) -> None:
    if arrived := month.due_arrivals(now):
        await post(producer, [arrival.posting for arrival in arrived])
    for plan in month.due_plans(now):
        command = plan.command
        value = command.model_dump_json(by_alias=True, exclude_none=True).encode()
        await producer.send(TICKETS_COMMANDS.name, value, key=str(command.complaint_id).encode())

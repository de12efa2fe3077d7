"""The desk's tables, by named query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from services.desk.domain import (
    CLOCKS,
    PUBLIC_STATUS,
    RUNNING,
    Clock,
    ClockRun,
    Clocks,
    PublicTicket,
    Standstill,
    Ticket,
)
from shared.outbox import Outgoing
from shared.postgres import Connection
from shared.queries import load, rows

queries = load("services.desk")

Owed: TypeAlias = tuple[str, str]
"""A department, TLR for the Live Room, and a clock."""


@dataclass(frozen=True, slots=True)
class Described:
    """A ticket and what it says about itself when it is assigned: text, place, photos, the model's view."""

    ticket: Ticket
    description: dict[str, Any]


@dataclass(slots=True)
class TimesTaken:
    """How long clocks took: how many times each bound holds, how many there are, and their sum in seconds."""

    held: list[int]
    count: int = 0
    seconds: float = 0.0

    @classmethod
    def none(cls, bounds: int) -> "TimesTaken":
        """Nothing taken yet."""
        return cls([0] * bounds)

    def add(self, held_by: int, times: int, seconds: float) -> None:
        """Add `times` that the last `held_by` of the bounds hold."""
        for i in range(len(self.held) - held_by, len(self.held)):
            self.held[i] += times
        self.count += times
        self.seconds += seconds


class DeskStore:
    """Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def open_tickets(
        self,
        tickets: list[dict[str, Any]],
        clocks: list[dict[str, Any]],
        events: Sequence[tuple[UUID, Outgoing]] = (),
    ) -> set[UUID]:
        """Open tickets for complaints that have none; returns those opened now."""
        event_rows = [{"complaint_id": complaint_id} | event.row() for complaint_id, event in events]
        opened = await self._connection.fetch(queries["open_tickets"], rows(tickets), rows(clocks), rows(event_rows))
        return {row["complaint_id"] for row in opened}

    async def answers_given(self, command_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """The answers that commands got before, by command."""
        found = await self._connection.fetch(queries["answers_given"], list(command_ids))
        return {row["event_id"]: dict(row) for row in found}

    async def lock_tickets(self, complaint_ids: Sequence[UUID]) -> dict[UUID, Described]:
        """The tickets of these complaints, locked."""
        found = await self._connection.fetch(queries["lock_tickets"], list(complaint_ids))
        clocks: dict[UUID, dict[Clock, ClockRun]] = {}
        for row in await self._connection.fetch(queries["clocks_of"], list(complaint_ids)) if found else ():
            facts = {name: row[name] for name in ClockRun.__slots__}
            clocks.setdefault(row["complaint_id"], {})[row["clock"]] = ClockRun(**facts)
        return {row["complaint_id"]: _described(row, Clocks(**clocks[row["complaint_id"]])) for row in found}

    async def lock_due(self, most: int) -> list[UUID]:
        """The complaints whose tickets time changes now, longest due first; locked, without those that others hold."""
        return [row["complaint_id"] for row in await self._connection.fetch(queries["due_tickets"], most)]

    async def lock_outdated(self, rules_version: int, most: int) -> list[UUID]:
        """The complaints whose tickets are by older rules than these; locked, without those that others hold."""
        found = await self._connection.fetch(queries["outdated_tickets"], rules_version, most)
        return [row["complaint_id"] for row in found]

    async def change(
        self, tickets: list[dict[str, Any]], clocks: list[dict[str, Any]], history: list[dict[str, Any]]
    ) -> None:
        """Write what a batch of moves came to."""
        await self._connection.execute(queries["change_tickets"], rows(tickets))
        if clocks:
            await self._connection.execute(queries["write_clocks"], rows(clocks))
        if history:
            await self._connection.execute(queries["append_history"], rows(history))

    async def remember(self, answers: list[dict[str, Any]]) -> None:
        """Keep the answers to commands."""
        await self._connection.execute(queries["remember_answers"], rows(answers))

    async def targets(self, at: datetime) -> dict[tuple[str, Clock], int]:
        """The promises in force at a moment for what has no particular one, in seconds of working time."""
        found = await self._connection.fetch(queries["targets"], at)
        return {(row["complaint_class"], row["clock"]): row["limit_seconds"] for row in found}

    async def open_by_department(self) -> list[Any]:
        """(department, state, tickets, oldest_age_seconds) of open tickets."""
        found: list[Any] = await self._connection.fetch(queries["open_by_department"])
        return found

    async def overdue_by_department(self) -> list[tuple[str, dict[str, int]]]:
        """Per department, how many open tickets are past each clock's deadline."""
        found = await self._connection.fetch(queries["overdue_by_department"])
        return [(row["department"], {clock: row[clock] for clock in CLOCKS}) for row in found]

    async def judged_clocks(self, lately: timedelta) -> dict[Owed, tuple[int, int]]:
        """By department and clock: runs met on time, and all that were judged `lately` or are overdue and open."""
        found = await self._connection.fetch(queries["judged_clocks"], lately)
        return {(row["department"], row["clock"]): (row["met"], row["judged"]) for row in found}

    async def breaches_told(self) -> dict[Owed, int]:
        """By department and clock: breaches ever recorded."""
        found = await self._connection.fetch(queries["breaches_told"])
        return {(row["department"], row["clock"]): row["breaches"] for row in found}

    async def times_taken(self, bounds: Sequence[float]) -> dict[Owed, TimesTaken]:
        """By department and clock: how many times each of `bounds` (ascending, seconds) holds, and their sum."""
        found: dict[Owed, TimesTaken] = {}
        for row in await self._connection.fetch(queries["times_taken"], [-bound for bound in reversed(bounds)]):
            taken = found.setdefault((row["department"], row["clock"]), TimesTaken.none(len(bounds)))
            taken.add(row["held_by"], row["times"], row["seconds"])
        return found

    async def public_ticket(self, ticket_number: str) -> PublicTicket | None:
        """The ticket of this number as the public sees it."""
        row = await self._connection.fetchrow(queries["public_ticket"], ticket_number)
        if row is None:
            return None
        history = await self._connection.fetch(queries["public_history"], row["complaint_id"])
        return PublicTicket(
            ticket_number=row["ticket_number"],
            public_status=PUBLIC_STATUS[row["state"]],
            department=row["department"],
            accepted_at=row["accepted_at"],
            respond_by=row["respond_by"],
            resolve_by=row["resolve_by"],
            clocks_run=bool(RUNNING[row["state"]]),
            history=tuple((one["type"], one["department"], one["at"]) for one in history),
        )


def _described(row: Any, clocks: Clocks) -> Described:
    as_they_are = (
        "complaint_id", "ticket_number", "version", "state", "department", "office", "complaint_class", "topic",
        "urgency", "confidential", "accepted_at", "rules_version", "acknowledged_at", "responded_at", "resolved_at",
        "waiting_since", "reminded_at", "parent", "parts",
    )  # fmt: skip
    ticket = Ticket(
        **{name: row[name] for name in as_they_are},
        supporting_departments=tuple(row["supporting_departments"]),
        clocks=clocks,
        stood_still=tuple(map(_standstill, orjson.loads(row["stood_still"]))),
    )
    described = ("urgency", "channel", "text_masked", "confidence", "model_version", "submitted_at")
    from_json = ("location", "attachments", "alternatives", "why")
    return Described(
        ticket,
        {name: row[name] for name in described} | {name: orjson.loads(row[name] or "null") for name in from_json},
    )


def _standstill(kept: dict[str, str]) -> Standstill:
    since, until = (datetime.fromisoformat(kept[name]) for name in ("since", "until"))
    return Standstill("waiting" if kept["why"] == "waiting" else "rest", since, until)

"""The desk's tables, by named query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.desk.domain import Ticket
from services.desk.sla import CLOCKS, Policy, Promise
from shared.events import Deadlines
from shared.outbox import Outgoing
from shared.postgres import Connection
from shared.queries import load, rows

queries = load("services.desk")


@dataclass(frozen=True, slots=True)
class Described:
    """A ticket and what it says about itself when it is assigned: text, place, photos, the model's view."""

    ticket: Ticket
    description: dict[str, Any]


class DeskStore:
    """Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def open_tickets(self, tickets: list[dict[str, Any]], events: Sequence[tuple[UUID, Outgoing]]) -> set[UUID]:
        """Open tickets for complaints that have none; returns those opened now."""
        event_rows = [{"complaint_id": complaint_id} | event.row() for complaint_id, event in events]
        opened = await self._connection.fetch(queries["open_tickets"], rows(tickets), rows(event_rows))
        return {row["complaint_id"] for row in opened}

    async def answers_given(self, command_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """The answers that commands got before, by command."""
        found = await self._connection.fetch(queries["answers_given"], list(command_ids))
        return {row["event_id"]: dict(row) for row in found}

    async def lock_tickets(self, complaint_ids: Sequence[UUID]) -> dict[UUID, Described]:
        """The tickets of these complaints, locked."""
        found = await self._connection.fetch(queries["lock_tickets"], list(complaint_ids))
        return {row["complaint_id"]: _described(row) for row in found}

    async def change(
        self,
        tickets: Sequence[Ticket],
        history: list[dict[str, Any]],
        answers: list[dict[str, Any]],
    ) -> None:
        """Write the outcome of a batch of commands."""
        if tickets:
            await self._connection.execute(queries["change_tickets"], rows([_columns(t) for t in tickets]))
            await self._connection.execute(queries["append_history"], rows(history))
        await self._connection.execute(queries["remember_answers"], rows(answers))

    async def policy(self, at: datetime) -> Policy:
        """The promises in force at a moment, by class."""
        limits: dict[str, dict[str, timedelta]] = {}
        for row in await self._connection.fetch(queries["policy"], at):
            limits.setdefault(row["complaint_class"], {})[row["clock"]] = timedelta(seconds=row["limit_seconds"])
        return {name: Promise(**clocks) for name, clocks in limits.items()}

    async def open_by_department(self) -> list[Any]:
        """(department, state, tickets, oldest_age_seconds) of open tickets."""
        found: list[Any] = await self._connection.fetch(queries["open_by_department"])
        return found

    async def overdue_by_department(self) -> list[tuple[str, dict[str, int]]]:
        """Per department, how many open tickets are past each clock's deadline."""
        found = await self._connection.fetch(queries["overdue_by_department"])
        return [(row["department"], {clock: row[clock] for clock in CLOCKS}) for row in found]


def _columns(ticket: Ticket) -> dict[str, Any]:
    return {
        "complaint_id": ticket.complaint_id,
        "version": ticket.version,
        "state": ticket.state,
        "department": ticket.department,
        "office": ticket.office,
        "supporting_departments": list(ticket.supporting_departments),
        "complaint_class": ticket.complaint_class,
        "topic": ticket.topic,
        "acknowledged_at": ticket.acknowledged_at,
        "responded_at": ticket.responded_at,
        "resolved_at": ticket.resolved_at,
        "waiting_since": ticket.waiting_since,
        **ticket.deadlines.model_dump(),
    }


def _described(row: Any) -> Described:
    ticket = Ticket(
        complaint_id=row["complaint_id"],
        ticket_number=row["ticket_number"],
        version=row["version"],
        state=row["state"],
        department=row["department"],
        office=row["office"],
        supporting_departments=tuple(row["supporting_departments"]),
        complaint_class=row["complaint_class"],
        topic=row["topic"],
        confidential=row["confidential"],
        accepted_at=row["accepted_at"],
        deadlines=Deadlines(**{name: row[name] for name in Deadlines.model_fields}),
        acknowledged_at=row["acknowledged_at"],
        responded_at=row["responded_at"],
        resolved_at=row["resolved_at"],
        waiting_since=row["waiting_since"],
    )
    as_stored = {name: row[name] for name in ("text_masked", "urgency", "confidence", "model_version", "submitted_at")}
    from_json = {name: orjson.loads(row[name] or "null") for name in ("location", "attachments", "alternatives")}
    return Described(ticket, as_stored | from_json)

"""What the desk's tables say about runs of clocks and hand-overs, read for `services/desk/figures.py`."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.desk.calendar import WorkingCalendar
from services.desk.figures import HandOver, Run
from services.desk.rulebook import Rulebook
from services.desk.sla import Rules
from shared.postgres import Connection
from shared.queries import load

queries = load("services.desk")


class Records:
    """Reads in its caller's transaction, and locks nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def runs(self, since: datetime, of: frozenset[UUID] | None = None) -> list[Run]:
        """Every run of every clock of tickets accepted since a moment, or only of these complaints' tickets."""
        rules = await Rulebook().current(self._connection)
        found = await self._connection.fetch(queries["runs_of_clocks"], since)
        return [_run(row, rules) for row in found if of is None or row["complaint_id"] in of]

    async def hand_overs(self, since: datetime, of: frozenset[UUID] | None = None) -> list[HandOver]:
        """Every ticket that went from one department to another, of those accepted since a moment."""
        calendars = (await Rulebook().current(self._connection)).calendars
        found = await self._connection.fetch(queries["hand_overs_made"], since)
        return [
            HandOver(
                row["given_by"], calendars.of(row["given_by"]).between(row["had_since"], row["at"]).total_seconds()
            )
            for row in found
            if of is None or row["complaint_id"] in of
        ]


def _run(row: Mapping[str, Any], rules: Rules) -> Run:
    stands_since = None if row["clock"] == "acknowledge" else row["waiting_since"]
    return Run(
        department=row["department"],
        clock=row["clock"],
        due_at=row["due_at"],
        seen_at=row["seen_at"],
        taken_seconds=_taken(row, rules, row["passed_on_at"] or stands_since or row["seen_at"]),
        met_at=row["met_at"],
        passed_on_at=row["passed_on_at"],
        stands_since=stands_since,
    )


def _taken(row: Mapping[str, Any], rules: Rules, until: datetime) -> float:
    if row["worked_seconds"] is not None:
        return float(row["worked_seconds"])
    calendar = rules.calendars.of(row["calendar_of"])
    stood = () if row["clock"] == "acknowledge" else orjson.loads(row["stood_still"])
    waited = min(_sum(calendar, stood, "waiting"), rules.windows["waiting"].length)
    taken = calendar.between(row["started_at"], until) - waited - _sum(calendar, stood, "rest")
    return max(taken, timedelta()).total_seconds()


def _sum(calendar: WorkingCalendar, stood: Iterable[Mapping[str, str]], why: str) -> timedelta:
    spans = ((datetime.fromisoformat(s["since"]), datetime.fromisoformat(s["until"])) for s in stood if s["why"] == why)
    return sum((calendar.between(since, until) for since, until in spans), timedelta())

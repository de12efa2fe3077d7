"""`laksa demo --days`: refuses to bend time over other people's tickets, lives through the days, sums them up."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any

from launcher.database import in_transaction
from launcher.errors import LauncherError
from launcher.figures import figures_of
from launcher.reconcile.books import reconcile
from launcher.simulation.city import arrivals, month_with_most_days_off
from launcher.simulation.month import Month, live_through
from launcher.simulation.summary import MonthSummary, Told
from services.desk.calendar import JAKARTA
from services.desk.rulebook import Rulebook
from shared import clock
from shared.postgres import Connection

_OTHERS = "SELECT count(*) FROM desk.tickets WHERE parent IS NULL AND substr(complaint_id::text, 15, 1) <> '8'"
_PATIENCE_SECONDS = 10.0


async def simulate(
    status: dict[str, Any], *, days: int, first: date | None, seed: int, yes: bool, tell: Callable[[str], None]
) -> MonthSummary:
    """So many days of a city on the running system that `status` describes. LauncherError when it must not."""
    dsn, began = status["postgres"]["dsn"], monotonic()
    if not yes and (others := await in_transaction(dsn, _others, read_only=True)):
        raise LauncherError(
            f"The database has {others} tickets that are not the simulation's, and their clocks would run with it.",
            remedy="give --yes, or use a state folder of its own (LAKSA_STATE_DIR)",
        )
    first = first or await _where_to_begin(dsn, days)
    _refuse_other_times(first, days)
    begins = datetime.combine(first, time(), JAKARTA)

    async def sum_up(month: Month) -> MonthSummary:
        return await _summary(dsn, month, begins, days, monotonic() - began)

    tell(f"simulating {days} days from {first}; Ctrl-C ends it and sets business time right")
    summary: MonthSummary = await live_through(
        status, arrivals(first, days, seed), begins=begins, ends=begins + timedelta(days=days), seed=seed, tell=tell,
        at_the_end=sum_up,
    )  # fmt: skip
    return summary


async def _others(connection: Connection) -> int:
    return int(await connection.fetchval(_OTHERS))


async def _where_to_begin(dsn: str, days: int) -> date:
    calendars = (await in_transaction(dsn, Rulebook().current, read_only=True)).calendars
    return month_with_most_days_off(calendars.city, datetime.now(JAKARTA).date(), days)


def _refuse_other_times(first: date, days: int) -> None:
    today = datetime.now(JAKARTA).date()
    if first < today - timedelta(days=365) or first + timedelta(days=days) > today:
        raise LauncherError(
            f"{days} days from {first} are not within the past year, and intake takes no other complaints.",
            remedy="choose another --first day, or fewer --days",
        )


async def _summary(dsn: str, month: Month, begins: datetime, days: int, seconds: float) -> MonthSummary:
    books = await reconcile(dsn, patience_seconds=_PATIENCE_SECONDS)
    departments = {department for department, _ in month.changes}
    told = {
        name: Told(*(month.changes[name, event_type] for event_type in ("breached", "escalated", "handed_over")))
        for name in sorted(departments)
    }
    return MonthSummary(
        first=begins.date(),
        days=days,
        as_of=await in_transaction(dsn, clock.now, read_only=True),
        received=len(month.posted),
        opened=len(month.opened),
        commands=month.commanded,
        seconds=round(seconds, 1),
        figures=await figures_of(dsn, begins, month.ids),
        told=told,
        books=books,
    )

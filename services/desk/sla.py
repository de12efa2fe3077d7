"""The three clocks of a ticket: what was promised, and by when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.desk.calendar import WORKING_DAY, add_working_time, working_time_between
from shared.events import Deadlines

Clock = Literal["acknowledge", "respond", "resolve"]
CLOCKS: tuple[Clock, ...] = ("acknowledge", "respond", "resolve")

PAUSE_CAP = 10 * WORKING_DAY
"""Waiting for the reporter stops the clocks, but for no longer than this much working time."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The limits of one class of complaint, in working time."""

    acknowledge: timedelta
    respond: timedelta
    resolve: timedelta

    def deadlines(self, accepted_at: datetime) -> Deadlines:
        """All clocks count from acceptance: the citizen's time in review is not hidden."""
        return Deadlines(
            acknowledge_by=add_working_time(accepted_at, self.acknowledge),
            respond_by=add_working_time(accepted_at, self.respond),
            resolve_by=add_working_time(accepted_at, self.resolve),
        )


Policy = Mapping[str, Promise]
"""By class of complaint."""


def after_pause(deadlines: Deadlines, since: datetime, until: datetime) -> Deadlines:
    """Deadlines moved by the working time for which the city waited for the reporter, at most PAUSE_CAP."""
    return _moved(deadlines, min(working_time_between(since, until), PAUSE_CAP))


def after_rest(deadlines: Deadlines, since: datetime, until: datetime) -> Deadlines:
    """Deadlines moved by the working time for which the ticket was taken for done: all of it, as no clock ran."""
    return _moved(deadlines, working_time_between(since, until))


def _moved(deadlines: Deadlines, by: timedelta) -> Deadlines:
    if not by:
        return deadlines
    names = ("respond_by", "resolve_by")
    return deadlines.model_copy(update={name: add_working_time(getattr(deadlines, name), by) for name in names})


def with_new_acknowledge(deadlines: Deadlines, promise: Promise, now: datetime) -> Deadlines:
    """A department that is handed a ticket gets its own time to acknowledge; the citizen's clocks run on."""
    return deadlines.model_copy(update={"acknowledge_by": add_working_time(now, promise.acknowledge)})

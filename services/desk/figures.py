"""Honest figures: who kept the promises and how long it took, open tickets included. Pure functions over rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.desk.domain import CLOCKS, Clock

MINIMUM_SAMPLE = 20
"""A department is ranked among others only when so many of its runs of a clock were judged."""
_ROUNDING = 1e-12

Verdict = Literal["met", "missed", "overdue", "pending", "passed_on"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one clock as it stands at `seen_at`.

    `department` owes or owed it, TLR is the Live Room. `taken_seconds` is its working time so far. `met_at` and
    `passed_on_at` are null while it is owed. `stands_since`: since when it stands still because the reporter was asked.
    """

    department: str
    clock: Clock
    due_at: datetime
    seen_at: datetime
    taken_seconds: float
    met_at: datetime | None = None
    passed_on_at: datetime | None = None
    stands_since: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Met on time, missed for good, overdue and still open; else it is not judged: pending, or passed on in time.

        What was late before the reporter was asked is late still.
        """
        if self.met_at is not None:
            return "met" if self.met_at <= self.due_at else "missed"
        if self.passed_on_at is not None:
            return "missed" if self.passed_on_at > self.due_at else "passed_on"
        return "overdue" if self.due_at < (self.stands_since or self.seen_at) else "pending"


@dataclass(frozen=True, slots=True)
class HandOver:
    """A ticket given from one department to another, and the giver's working time for which it had lain there."""

    given_by: str
    lost_seconds: float


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """One clock of one department. `median_seconds`: working time within which half were met, null if not half are.

    `rank` is the place by on-time ratio, 1 the best, equal ones alike; null below the minimum sample.
    """

    met: int
    missed: int
    overdue: int
    pending: int
    passed_on: int
    median_seconds: float | None
    rank: int | None = None

    @property
    def judged(self) -> int:
        """Met, missed, or overdue and still open."""
        return self.met + self.missed + self.overdue

    @property
    def on_time_ratio(self) -> float | None:
        """met / (met + missed + overdue and still open); None when nothing was judged."""
        return self.met / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class DepartmentFigures:
    """A department's three clocks, and the tickets that it gave away with the working hours lost by each."""

    department: str
    clocks: Mapping[Clock, ClockFigures]
    hand_overs: int
    hours_lost_per_hand_over: float | None


def median(times: Iterable[tuple[float, bool]]) -> float | None:
    """The Kaplan-Meier median of (time, whether it ended then); one that has not ended yet is censored at its time.

    It is the first time at which the estimate says that at most half go on; None when that was never so. Counting only
    what has ended would praise whoever leaves the hard ones lying. What is censored at a time was at risk at that time.
    (Kaplan and Meier, JASA 53, 1958.)
    """
    ended: dict[float, int] = defaultdict(int)
    left: dict[float, int] = defaultdict(int)
    for time, has_ended in times:
        ended[time] += has_ended
        left[time] += 1
    at_risk, going_on = sum(left.values()), 1.0
    for time in sorted(left):
        going_on *= 1 - ended[time] / at_risk
        if going_on <= 0.5 + _ROUNDING:
            return float(time)
        at_risk -= left[time]
    return None


def figures(
    runs: Iterable[Run], hand_overs: Iterable[HandOver] = (), *, minimum_sample: int = MINIMUM_SAMPLE
) -> list[DepartmentFigures]:
    """Every department that has had a ticket, by name."""
    by_owed: dict[tuple[str, Clock], list[Run]] = defaultdict(list)
    for run in runs:
        by_owed[run.department, run.clock].append(run)
    lost: dict[str, list[float]] = defaultdict(list)
    for one in hand_overs:
        lost[one.given_by].append(one.lost_seconds)
    counted = {owed: _of_clock(found) for owed, found in by_owed.items()}
    ranked = counted | _ranked(counted, minimum_sample)
    departments = sorted({department for department, _ in counted} | set(lost))
    return [_of_department(department, ranked, lost.get(department, [])) for department in departments]


def _of_clock(runs: Sequence[Run]) -> ClockFigures:
    verdicts = [run.verdict for run in runs]
    return ClockFigures(
        met=verdicts.count("met"),
        missed=verdicts.count("missed"),
        overdue=verdicts.count("overdue"),
        pending=verdicts.count("pending"),
        passed_on=verdicts.count("passed_on"),
        median_seconds=median((run.taken_seconds, run.met_at is not None) for run in runs),
    )


def _ranked(
    counted: Mapping[tuple[str, Clock], ClockFigures], minimum_sample: int
) -> dict[tuple[str, Clock], ClockFigures]:
    enough = {owed: one for owed, one in counted.items() if one.judged >= max(minimum_sample, 1)}
    return {
        (department, clock): replace(one, rank=1 + sum(
            (other.on_time_ratio or 0.0) > (one.on_time_ratio or 0.0)
            for (_, of_clock), other in enough.items() if of_clock == clock
        ))
        for (department, clock), one in enough.items()
    }  # fmt: skip


_NOTHING = ClockFigures(0, 0, 0, 0, 0, None)


def _of_department(
    department: str, counted: Mapping[tuple[str, Clock], ClockFigures], lost: Sequence[float]
) -> DepartmentFigures:
    return DepartmentFigures(
        department=department,
        clocks={clock: counted.get((department, clock), _NOTHING) for clock in CLOCKS},
        hand_overs=len(lost),
        hours_lost_per_hand_over=sum(lost) / len(lost) / 3600 if lost else None,
    )

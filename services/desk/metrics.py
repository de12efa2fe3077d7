"""The desk's metrics: counters from outcomes, everything about tickets from Postgres on scrape."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import product
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from services.desk.calendar import JAKARTA
from services.desk.domain import CLOCKS, OPEN_STATES
from services.desk.rulebook import Almanac
from services.desk.store import DeskStore, Owed, TimesTaken
from shared import clock
from shared.dead_letters import Reject
from shared.events.departments import DEPARTMENTS, REVIEW
from shared.observability.metrics import PipelineLatency, PlumbingMetrics, counter, gauge
from shared.postgres import Connection, Database

_DEPARTMENTS = (*DEPARTMENTS, REVIEW)
_CLASSES = ("complaint", "information", "aspiration")
_OWED: Final[tuple[Owed, ...]] = tuple(product(_DEPARTMENTS, CLOCKS))
LATELY: Final = timedelta(days=30)
"""The on-time ratio speaks of so many days: long enough for slow clocks, short enough to show a change."""
TIME_BOUNDS: Final = (
    900, 1800, 3600, 7200, 13_500, 27_000, 54_000, 81_000, 135_000, 189_000, 270_000, 378_000, 567_000, 810_000,
    1_620_000, 3_240_000,
)  # fmt: skip
"""Bounds in seconds of working time, 27,000 a day; every limit of a promise is one, since only bounds are exact."""
Family: TypeAlias = GaugeMetricFamily | CounterMetricFamily | HistogramMetricFamily


class Metrics:
    """What the desk shows."""

    def __init__(self, registry: CollectorRegistry, plumbing: PlumbingMetrics) -> None:
        self._plumbing = plumbing
        self._latency = PipelineLatency(registry, "opened")
        self._hand_overs = counter(
            registry, "laksa_hand_overs", "Tickets handed to another department, by the one that gave them away.",
            department=DEPARTMENTS,
        )  # fmt: skip
        self._open = gauge(registry, "laksa_tickets_open", "Open tickets.", department=_DEPARTMENTS, state=OPEN_STATES)
        self._overdue = gauge(
            registry, "laksa_tickets_overdue", "Open tickets past the deadline of a running clock.",
            department=_DEPARTMENTS, clock=CLOCKS,
        )  # fmt: skip
        self._oldest = gauge(
            registry, "laksa_ticket_oldest_open_age_seconds", "Business time since the oldest open one was accepted.",
            department=_DEPARTMENTS,
        )  # fmt: skip
        self._target = gauge(
            registry, "laksa_sla_target_seconds", "The promise in force, in seconds of working time.",
            **{"class": _CLASSES, "clock": CLOCKS},
        )  # fmt: skip
        self._covered = gauge(
            registry, "laksa_calendar_covers_until_seconds", "Until when days off are known, in seconds since 1970."
        )
        self._clocks = ClockMetrics()
        registry.register(self._clocks)

    def opened(self, posted_at: Iterable[datetime | None], kept: Sequence[Reject]) -> None:
        """Count one committed batch of tickets."""
        self._latency.observe(posted_at)
        self._plumbing.dead_letters(reject.reason for reject in kept)

    def obeyed(self, hand_overs: Iterable[str], kept: Sequence[Reject]) -> None:
        """Count one committed batch of commands; `hand_overs` names the departments that gave tickets away."""
        for department in hand_overs:
            self._hand_overs.labels(department).inc()
        self._plumbing.dead_letters(reject.reason for reject in kept)

    async def collect(self, database: Database) -> None:
        """Ask Postgres for the truth about tickets."""
        async with database.acquire() as connection:
            store = DeskStore(connection)
            opened = await store.open_by_department()
            overdue = await store.overdue_by_department()
            targets = await store.targets(await clock.now(connection))
            self._clocks.show(await clock_figures(store))
            await self._show_calendar(connection)
        self._show_open(opened)
        self._show_overdue(dict(overdue))
        for labels, seconds in targets.items():
            self._target.labels(*labels).set(seconds)

    async def _show_calendar(self, connection: Connection) -> None:
        if last := await Almanac(connection).covers_until():
            self._covered.set(datetime.combine(last + timedelta(days=1), time(), JAKARTA).timestamp())

    def _show_open(self, rows: Iterable[dict[str, object]]) -> None:
        counts = {(row["department"], row["state"]): row["tickets"] for row in rows}
        for department in _DEPARTMENTS:
            ages = [row["oldest_age_seconds"] for row in rows if row["department"] == department]
            self._oldest.labels(department).set(max(ages, default=0))  # type: ignore[type-var, arg-type]
            for state in OPEN_STATES:
                self._open.labels(department, state).set(counts.get((department, state), 0))  # type: ignore[arg-type]

    def _show_overdue(self, counts: dict[str, dict[str, int]]) -> None:
        for department in _DEPARTMENTS:
            for name in CLOCKS:
                self._overdue.labels(department, name).set(counts.get(department, {}).get(name, 0))


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """What rows say of the clocks; what is not named is nought. `judged`: met on time, and judged at all."""

    judged: dict[Owed, tuple[int, int]]
    breaches: dict[Owed, int]
    times: dict[Owed, TimesTaken]


async def clock_figures(store: DeskStore) -> ClockFigures:
    """The figures of this moment."""
    return ClockFigures(
        await store.judged_clocks(LATELY), await store.breaches_told(), await store.times_taken(TIME_BOUNDS)
    )


class ClockMetrics(Collector):
    """Counters and histograms whose truth is rows: a new process goes on where the old one was killed.

    Before Postgres has answered once there are none: a counter that is shown at nought first would look as if it had
    begun anew, and everything ever counted as if it had happened now.
    """

    def __init__(self) -> None:
        self._figures: ClockFigures | None = None

    def show(self, figures: ClockFigures) -> None:
        """Show these from now on."""
        self._figures = figures

    def collect(self) -> Iterator[Family]:
        """The families, every label of the closed sets in each."""
        if self._figures is not None:
            yield from _judged_families(self._figures.judged)
            yield _breach_family(self._figures.breaches)
            for name in CLOCKS:
                yield _time_family(name, self._figures.times)


def _judged_families(judged: dict[Owed, tuple[int, int]]) -> Iterator[GaugeMetricFamily]:
    ratio = GaugeMetricFamily(
        "laksa_tickets_on_time_ratio",
        "Of the clocks judged, the share that was met on time; 1 where none was judged: no promise was broken.",
        labels=("department", "clock"),
    )
    count = GaugeMetricFamily(
        "laksa_tickets_judged",
        f"Clocks met or passed on overdue in the last {LATELY.days} days, and those overdue and still open.",
        labels=("department", "clock"),
    )
    for owed in _OWED:
        met, all_judged = judged.get(owed, (0, 0))
        ratio.add_metric(owed, met / all_judged if all_judged else 1.0)
        count.add_metric(owed, all_judged)
    yield from (ratio, count)


def _breach_family(breaches: dict[Owed, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(
        "laksa_sla_breaches", "Promises missed, each once, by the department that had the ticket then.",
        labels=("department", "clock"),
    )  # fmt: skip
    for owed in _OWED:
        family.add_metric(owed, breaches.get(owed, 0))
    return family


def _time_family(name: str, times: dict[Owed, TimesTaken]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(
        f"laksa_ticket_{name}_seconds", f"Working time until it was met: {name}.", labels=("department",)
    )
    for department in _DEPARTMENTS:
        taken = times.get((department, name), TimesTaken.none(len(TIME_BOUNDS)))
        buckets = [(str(float(bound)), held) for bound, held in zip(TIME_BOUNDS, taken.held, strict=True)]
        family.add_metric((department,), [*buckets, ("+Inf", taken.count)], sum_value=taken.seconds)
    return family

"""The desk's metrics: counters from outcomes, gauges about tickets from Postgres on scrape."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry

from services.desk.domain import CLOCKS, OPEN_STATES
from services.desk.store import DeskStore
from shared import clock
from shared.dead_letters import Reject
from shared.events.departments import DEPARTMENTS, REVIEW
from shared.observability.metrics import PipelineLatency, PlumbingMetrics, counter, gauge
from shared.postgres import Database

_DEPARTMENTS = (*DEPARTMENTS, REVIEW)
_CLASSES = ("complaint", "information", "aspiration")


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
        self._show_open(opened)
        self._show_overdue(dict(overdue))
        for labels, seconds in targets.items():
            self._target.labels(*labels).set(seconds)

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

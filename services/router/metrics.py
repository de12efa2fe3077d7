"""The router's metrics: counters from the outcomes of use cases, figures about decisions from Postgres on scrape."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import nan
from time import monotonic
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Histogram

from services.router.domain import drift
from services.router.model.classifier import Routing
from services.router.store import Correction, FigureStore
from shared.dead_letters import Reject
from shared.events.departments import DEPARTMENTS
from shared.observability.metrics import PipelineLatency, PlumbingMetrics, counter, gauge
from shared.postgres import Connection, Database

Role = Literal["active", "shadow"]

DECISIONS: Final = ("auto", "review", "emergency")
ROLES: Final[tuple[Role, ...]] = ("active", "shadow")
LATELY, WEEK, FOUR_WEEKS = timedelta(days=1), timedelta(days=7), timedelta(days=28)
MEASURE_SECONDS: Final = 30.0
"""Figures over weeks of decisions are asked for at most so often, however often they are scraped."""


class Metrics:
    """What the router shows."""

    def __init__(self, registry: CollectorRegistry, plumbing: PlumbingMetrics) -> None:
        self._plumbing = plumbing
        self._routed = counter(
            registry, "laksa_complaints_routed", "Complaints decided, each once.",
            department=DEPARTMENTS, decision=DECISIONS,
        )  # fmt: skip
        self._confidence = Histogram(
            "laksa_routing_confidence", "Calibrated probability of the chosen department.", ("decision",),
            registry=registry, buckets=[step / 20 for step in range(1, 21)],
        )  # fmt: skip
        for decision in DECISIONS:
            self._confidence.labels(decision)
        self._overrides = counter(
            registry, "laksa_routing_overrides", "Corrections by people, by the department that was wrong.",
            department=DEPARTMENTS,
        )  # fmt: skip
        self._latency = PipelineLatency(registry, "routed")
        self._models = _ModelMetrics(registry)
        self._figures = _Figures(registry)
        self._version = ""

    def routed(self, decided: Sequence[tuple[Routing, datetime | None]], kept: Sequence[Reject]) -> None:
        """Count one committed batch; the second of each pair is when the complaint was posted."""
        for routing, _ in decided:
            self._routed.labels(routing.department, routing.decision).inc()
            self._confidence.labels(routing.decision).observe(routing.confidence)
        self._latency.observe(posted_at for _, posted_at in decided)
        self._plumbing.dead_letters(reject.reason for reject in kept)

    def corrected(self, corrections: Iterable[Correction], kept: Sequence[Reject] = ()) -> None:
        """Count one committed batch of corrections; another class or topic is no other department."""
        for correction in corrections:
            if correction.kind != "reclassified":
                self._overrides.labels(correction.from_department).inc()
        self._plumbing.dead_letters(reject.reason for reject in kept)

    def model(self, version: str, corpus_sha256: str) -> None:
        """Show which model decides."""
        self._version = version
        self._models.at_work(version, corpus_sha256)

    def models_missing(self, missing: Mapping[Role, bool]) -> None:
        """Show for which role the wanted model could not be loaded."""
        self._models.missing(missing)

    async def collect(self, database: Database) -> None:
        """Ask Postgres for the truth about decisions, corrections and the shadow model."""
        await self._figures.collect(database, self._version)


class _ModelMetrics:
    """Which model is at work, and which is not though it should be."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._info = gauge(registry, "laksa_model_info", "The model that decides.", version=(), corpus_sha256=())
        self._missing = gauge(
            registry, "laksa_model_missing", "1 while the model that a role is to have cannot be loaded.", role=ROLES
        )

    def at_work(self, version: str, corpus_sha256: str) -> None:
        self._info.clear()
        self._info.labels(version, corpus_sha256).set(1)

    def missing(self, missing: Mapping[Role, bool]) -> None:
        for role, is_missing in missing.items():
            self._missing.labels(role).set(is_missing)


class _Figures:
    """Shares over days of decisions. A share of nothing is NaN: neither good nor bad."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._coverage = gauge(
            registry, "laksa_routing_coverage_ratio", "Share of the last week's decisions that needed no person."
        )
        self._agreement = gauge(
            registry, "laksa_routing_agreement_ratio",
            "Share of four weeks' automatic decisions that nobody corrected within a week; the last week is left out.",
        )  # fmt: skip
        self._drift = gauge(
            registry, "laksa_routing_confidence_drift",
            "Population stability index: this model's confidence of the last day against the four weeks before.",
        )  # fmt: skip
        self._unknown = gauge(
            registry, "laksa_routing_unknown_words_ratio", "Mean share of a text's words that the model never saw."
        )
        self._shadow = gauge(
            registry, "laksa_shadow_agreement_ratio", "Share of complaints for which the shadow model decides the same."
        )
        self._waiting = gauge(registry, "laksa_shadow_waiting", "Complaints not yet put to the shadow model.")
        self._measured_at = -MEASURE_SECONDS
        for share in (self._coverage, self._agreement, self._drift, self._unknown, self._shadow):
            share.set(nan)

    async def collect(self, database: Database, version: str) -> None:
        if monotonic() - self._measured_at < MEASURE_SECONDS:
            return
        async with database.acquire() as connection:
            await self._measure(connection, version)
        self._measured_at = monotonic()

    async def _measure(self, connection: Connection, version: str) -> None:
        store = FigureStore(connection)
        lately = await store.decided_lately(WEEK)
        self._coverage.set(_share(lately["without_person"], lately["decided"]))
        agreed = await store.agreed(WEEK, FOUR_WEEKS)
        self._agreement.set(_share(agreed["agreed"], agreed["automatic"]))
        spread = await store.spread(version, LATELY, FOUR_WEEKS)
        moved = drift(spread.before, spread.lately)
        self._drift.set(nan if moved is None else moved)
        self._unknown.set(nan if spread.unknown_share is None else spread.unknown_share)
        shadow = await store.shadow_agreement()
        self._shadow.set(_share(shadow["agreed"], shadow["asked"]))
        self._waiting.set(shadow["waiting"])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else nan

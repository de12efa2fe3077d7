"""Metric helpers: closed label sets exist from the start at 0, and what Postgres knows is asked on scrape."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENCY_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)
"""Bucket bounds; the objective, 60 s, is one of them, since only bounds are exact."""


def counter(registry: CollectorRegistry, name: str, sentence: str, **labels: Iterable[str]) -> Counter:
    """A counter whose every label combination exists at 0; `labels` are name -> all its values."""
    metric = Counter(name, sentence, tuple(labels), registry=registry)
    for values in product(*labels.values()) if labels else ():
        metric.labels(*values)
    return metric


def gauge(registry: CollectorRegistry, name: str, sentence: str, **labels: Iterable[str]) -> Gauge:
    """A gauge whose every label combination exists at 0."""
    metric = Gauge(name, sentence, tuple(labels), registry=registry)
    for values in product(*labels.values()) if labels else ():
        metric.labels(*values)
    return metric


class PipelineLatency:
    """`laksa_pipeline_latency_seconds`: real time from the citizen's record on Kafka to this stage's commit."""

    def __init__(self, registry: CollectorRegistry, stage: str) -> None:
        self._stage = Histogram(
            "laksa_pipeline_latency_seconds",
            "Real time from the posted record's timestamp to the commit of this stage.",
            ("stage",),
            registry=registry,
            buckets=LATENCY_SECONDS,
        ).labels(stage)

    def observe(self, posted_at: Iterable[datetime | None]) -> None:
        """Record complaints committed just now; those whose posting time is unknown are left out."""
        now = datetime.now(UTC)
        for moment in posted_at:
            if moment is not None:
                self._stage.observe(max(0.0, (now - moment).total_seconds()))


class PlumbingMetrics:
    """What every service shows of its outbox, its consumers and its dead letters."""

    def __init__(
        self, registry: CollectorRegistry, service: str, topics: Iterable[str], reasons: Iterable[str]
    ) -> None:
        self._service = service
        self._pending = gauge(
            registry, "laksa_outbox_pending", "Events committed and not yet on Kafka.", service=[service]
        )
        self._oldest = gauge(
            registry, "laksa_outbox_oldest_age_seconds", "Age of the oldest event not yet on Kafka.", service=[service]
        )
        self._lag = gauge(
            registry,
            "laksa_consumer_lag_records",
            "Records not yet read by this worker's consumers.",
            service=[service],
            topic=topics,
        )
        self._dead = counter(
            registry,
            "laksa_dead_letters",
            "Records kept as dead letters, each once.",
            service=[service],
            reason=reasons,
        )
        self._loop_lag = gauge(
            registry,
            "laksa_event_loop_lag_seconds",
            "The longest that ready work waited for the event loop in the last 15 to 30 seconds.",
            service=[service],
        )
        self._database_answers = gauge(
            registry,
            "laksa_database_scrape_success",
            "1 if the figures that come from Postgres are of this scrape, 0 if they are older.",
            service=[service],
        )

    def outbox(self, pending: int, oldest_age_seconds: float) -> None:
        """Show the outbox as Postgres has just counted it."""
        self._pending.labels(self._service).set(pending)
        self._oldest.labels(self._service).set(oldest_age_seconds)

    def lag(self, topic: str, records: int) -> None:
        """Show how many records of `topic` wait."""
        self._lag.labels(self._service, topic).set(records)

    def loop_lag(self, seconds: float) -> None:
        """Show how late the event loop is."""
        self._loop_lag.labels(self._service).set(seconds)

    def dead_letters(self, reasons: Iterable[str]) -> None:
        """Count dead letters that were stored for the first time."""
        for reason in reasons:
            self._dead.labels(self._service, reason).inc()

    def database_answered(self, success: bool) -> None:
        """Say whether the database figures are fresh."""
        self._database_answers.labels(self._service).set(success)

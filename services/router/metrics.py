"""The router's metrics, recorded from the outcomes of the use case."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Histogram

from services.router.model.classifier import Routing
from shared.dead_letters import Reject
from shared.observability.metrics import PipelineLatency, PlumbingMetrics, counter, gauge

DECISIONS = ("auto", "review", "emergency")


class Metrics:
    """What the router shows."""

    def __init__(self, registry: CollectorRegistry, plumbing: PlumbingMetrics, departments: Iterable[str]) -> None:
        self._registry = registry
        self._plumbing = plumbing
        self._routed = counter(
            registry, "laksa_complaints_routed", "Complaints decided, each once.",
            department=departments, decision=DECISIONS,
        )  # fmt: skip
        self._confidence = Histogram(
            "laksa_routing_confidence", "Calibrated probability of the chosen department.", ("decision",),
            registry=registry, buckets=[step / 20 for step in range(1, 21)],
        )  # fmt: skip
        for decision in DECISIONS:
            self._confidence.labels(decision)
        self._latency = PipelineLatency(registry, "routed")

    def model(self, version: str, corpus_sha256: str) -> None:
        """Show which model decides."""
        gauge(
            self._registry, "laksa_model_info", "The model at work.", version=[version], corpus_sha256=[corpus_sha256]
        ).labels(version, corpus_sha256).set(1)

    def routed(self, decided: Sequence[tuple[Routing, datetime | None]], kept: Sequence[Reject]) -> None:
        """Count one committed batch; the second of each pair is when the complaint was posted."""
        for routing, _ in decided:
            self._routed.labels(routing.department, routing.decision).inc()
            self._confidence.labels(routing.decision).observe(routing.confidence)
        self._latency.observe(posted_at for _, posted_at in decided)
        self._plumbing.dead_letters(reject.reason for reject in kept)

"""The notifier's metrics, recorded from the outcomes of the use case."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from shared.dead_letters import Reject
from shared.events import Headers, NotificationIssued
from shared.observability.metrics import PipelineLatency, PlumbingMetrics, counter

CHANNELS = ("topic",)
OUTCOMES = ("sent",)


class Metrics:
    """What the notifier shows."""

    def __init__(self, registry: CollectorRegistry, plumbing: PlumbingMetrics) -> None:
        self._plumbing = plumbing
        self._deliveries = counter(
            registry, "laksa_deliveries", "Notifications by channel and what became of them.",
            channel=CHANNELS, outcome=OUTCOMES,
        )  # fmt: skip
        self._latency = PipelineLatency(registry, "notified")

    def issued(self, issued: Sequence[tuple[NotificationIssued, Headers]], kept: Sequence[Reject]) -> None:
        """Count one committed batch; the latency is that of telling a citizen that the complaint was received."""
        self._deliveries.labels("topic", "sent").inc(len(issued))
        self._latency.observe(headers.posted_at for notification, headers in issued if notification.kind == "received")
        self._plumbing.dead_letters(reject.reason for reject in kept)

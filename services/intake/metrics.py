"""Intake's metrics, recorded from the outcomes of the use case."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from services.intake.domain import CHANNELS, Outcome, Registered, Repeated, channel_label
from shared.dead_letters import Reject
from shared.observability.metrics import PipelineLatency, PlumbingMetrics, counter

if TYPE_CHECKING:
    from services.intake.usecases import Submission

_LABELS = (*CHANNELS, "other")


class Metrics:
    """What intake shows, per process since its start. Over Kafka: received = registered + repeated + dead letters."""

    def __init__(self, registry: CollectorRegistry, plumbing: PlumbingMetrics) -> None:
        self._plumbing = plumbing
        self._received = counter(
            registry, "laksa_complaints_received", "Records and requests taken in, whatever became of them.",
            channel=_LABELS,
        )  # fmt: skip
        self._registered = counter(
            registry, "laksa_complaints_registered", "Complaints stored and numbered, each once.", channel=_LABELS
        )
        self._repeated = counter(
            registry, "laksa_complaints_repeated", "The same complaint received again.", channel=_LABELS
        )
        self._latency = PipelineLatency(registry, "registered")

    def registered(
        self, submissions: Sequence["Submission"], outcomes: Sequence[Outcome], kept: Sequence[Reject]
    ) -> None:
        """Count one committed batch."""
        for submission, outcome in zip(submissions, outcomes, strict=True):
            channel = channel_label(submission.complaint.channel)
            self._received.labels(channel).inc()
            match outcome:
                case Registered():
                    self._registered.labels(channel).inc()
                    self._latency.observe([submission.received_at])
                case Repeated():
                    self._repeated.labels(channel).inc()
        self._plumbing.dead_letters(reject.reason for reject in kept)

    def undecodable(self, count: int) -> None:
        """Count records whose channel could not even be read."""
        self._received.labels("other").inc(count)

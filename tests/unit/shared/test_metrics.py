"""Metric helpers: a figure that can appear is there from the start, at 0."""

from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from shared.observability.metrics import LATENCY_SECONDS, PipelineLatency, PlumbingMetrics, counter, gauge


def samples(registry: CollectorRegistry, name: str) -> dict[tuple[str, ...], float]:
    """Label values in the order of their names -> value."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == name
    }


def plumbing() -> tuple[CollectorRegistry, PlumbingMetrics]:
    """The plumbing of a service with one topic and two reasons."""
    registry = CollectorRegistry()
    return registry, PlumbingMetrics(registry, "intake", iter(["laksa.x.v1"]), iter(["schema", "not_json"]))


def test_every_combination_of_closed_labels_exists_at_zero() -> None:
    registry = CollectorRegistry()
    counter(registry, "laksa_things", "Things.", department=["DLH", "PUPR"], clock=["respond"])
    gauge(registry, "laksa_open", "Open.", department=["DLH", "PUPR"])
    assert samples(registry, "laksa_things_total") == {("respond", "DLH"): 0, ("respond", "PUPR"): 0}
    assert samples(registry, "laksa_open") == {("DLH",): 0, ("PUPR",): 0}


def test_a_metric_without_labels_exists_at_zero() -> None:
    registry = CollectorRegistry()
    counter(registry, "laksa_things", "Things.")
    assert samples(registry, "laksa_things_total") == {(): 0}


def test_the_plumbing_of_a_service_exists_at_zero() -> None:
    registry, _ = plumbing()
    assert samples(registry, "laksa_outbox_pending") == {("intake",): 0}
    assert samples(registry, "laksa_outbox_oldest_age_seconds") == {("intake",): 0}
    assert samples(registry, "laksa_consumer_lag_records") == {("intake", "laksa.x.v1"): 0}
    assert samples(registry, "laksa_dead_letters_total") == {("schema", "intake"): 0, ("not_json", "intake"): 0}


def test_the_plumbing_shows_what_it_is_told() -> None:
    registry, metrics = plumbing()
    metrics.outbox(7, 2.5)
    metrics.lag("laksa.x.v1", 12)
    metrics.dead_letters(["schema", "schema"])
    metrics.database_answered(True)
    assert samples(registry, "laksa_outbox_pending") == {("intake",): 7}
    assert samples(registry, "laksa_outbox_oldest_age_seconds") == {("intake",): 2.5}
    assert samples(registry, "laksa_consumer_lag_records") == {("intake", "laksa.x.v1"): 12}
    assert samples(registry, "laksa_dead_letters_total")[("schema", "intake")] == 2
    assert samples(registry, "laksa_database_scrape_success") == {("intake",): 1}


def test_the_objective_of_sixty_seconds_is_a_bucket_bound() -> None:
    assert 60 in LATENCY_SECONDS


def test_latency_counts_from_the_posting_and_leaves_out_what_has_none() -> None:
    registry = CollectorRegistry()
    now = datetime.now(UTC)
    PipelineLatency(registry, "registered").observe([now - timedelta(seconds=20), None, now + timedelta(hours=1)])
    assert samples(registry, "laksa_pipeline_latency_seconds_count") == {("registered",): 2}
    buckets = samples(registry, "laksa_pipeline_latency_seconds_bucket")
    assert buckets[("0.01", "registered")] == 1, "a clock that is ahead counts as no latency"
    assert buckets[("30.0", "registered")] == 2

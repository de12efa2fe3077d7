"""Nothing is subscribed with a default of the library that loses data."""

from collections.abc import Iterator
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from launcher.docs import runtimes
from shared import kafka
from shared.runtime import Runtime


def faults(broker: KafkaBroker) -> Iterator[str]:
    """What is wrong with a broker's subscribers, in words."""
    if broker.config.allow_auto_create_topics:
        yield "topics come into being by being mistyped"
    for subscriber in broker.subscribers:
        yield from _faults_of(subscriber)


def _faults_of(subscriber: Any) -> Iterator[str]:
    options = subscriber._call_options
    if not subscriber.group_id:
        yield "without a group nothing is ever committed"
    if subscriber._connection_args["auto_offset_reset"] != "earliest":
        yield "a new group skips what was there before it"
    if subscriber.ack_policy is not AckPolicy.NACK_ON_ERROR or subscriber._connection_args["enable_auto_commit"]:
        yield "offsets are committed before the work is done"
    if not subscriber._no_reply:
        yield "a sender's reply_to header is obeyed"
    if not isinstance(subscriber, BatchSubscriber):
        yield "every record costs a commit"
    if options.parser is not kafka._safe_parser or options.decoder is not kafka._raw:
        yield "one undecodable header loses a batch"
    if subscriber._connection_args["max_poll_interval_ms"] < kafka.MAX_POLL_INTERVAL_MS:
        yield "an outage of Postgres costs the partitions"


@pytest.mark.parametrize("runtime", runtimes(), ids=lambda runtime: runtime.service)
def test_every_subscriber_of_a_service_is_safe(runtime: Runtime) -> None:
    assert list(faults(runtime.broker)) == []
    assert len(runtime.broker.subscribers) == len(runtime.subscriptions) > 0
    assert {s.subscriber for s in runtime.subscriptions} == set(runtime.broker.subscribers)


def test_a_subscriber_with_the_librarys_defaults_would_be_found() -> None:
    broker = KafkaBroker("localhost:9092")
    broker.subscriber("laksa.complaints.submitted.v1")
    assert len(list(faults(broker))) == 8


def test_groups_are_the_services_own_so_that_nobody_takes_anothers_records() -> None:
    groups = [(runtime.service, s.group) for runtime in runtimes() for s in runtime.subscriptions]
    assert len({group for _, group in groups}) == len(groups)
    assert all(group.startswith(f"laksa-{service}-") for service, group in groups)

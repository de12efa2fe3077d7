"""Kafka in: decode a batch, find who is to be told, issue."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from services.notifier.usecases import IssueNotifications
from shared.batches import decode_batch
from shared.events import Event, NotificationIssued
from shared.kafka import Handle, Record

E = TypeVar("E", bound=Event)


def on_event(model: type[E], words: Callable[[E], list[NotificationIssued]], issue: IssueNotifications) -> Handle:
    """The handler of a topic of `model`s; `words` says who is told what because of one of them."""

    async def handle(records: Sequence[Record]) -> None:
        received, rejects = decode_batch(model, records)
        await issue([(n, r.headers) for r in received for n in words(r.message)], rejects)

    return handle

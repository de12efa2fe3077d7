"""Kafka in: decode a batch, route it."""

from collections.abc import Sequence

from services.router.usecases import RouteComplaints
from shared.batches import decode_batch
from shared.events import ComplaintRegistered
from shared.kafka import Handle, Record


def on_registered(route: RouteComplaints) -> Handle:
    """The handler of `laksa.complaints.registered.v1`."""

    async def handle(records: Sequence[Record]) -> None:
        await route(*decode_batch(ComplaintRegistered, records))

    return handle

"""Kafka in: decode a batch, one verb."""

from collections.abc import Sequence

from services.router.usecases import LearnFromTickets, RouteComplaints
from shared.batches import decode_batch
from shared.events import ComplaintRegistered, TicketChanged
from shared.kafka import Handle, Record


def on_registered(route: RouteComplaints) -> Handle:
    """The handler of `laksa.complaints.registered.v1`."""

    async def handle(records: Sequence[Record]) -> None:
        await route(*decode_batch(ComplaintRegistered, records))

    return handle


def on_ticket_events(learn: LearnFromTickets) -> Handle:
    """The handler of `laksa.tickets.events.v1`."""

    async def handle(records: Sequence[Record]) -> None:
        await learn(*decode_batch(TicketChanged, records))

    return handle

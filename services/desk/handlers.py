"""Kafka in: decode a batch, one verb."""

from collections.abc import Sequence

from services.desk.usecases import ObeyCommands, OpenTickets
from shared.batches import decode_batch
from shared.events import ComplaintRouted, TicketCommand
from shared.events.decoding import MAX_VALUE_BYTES
from shared.kafka import Handle, Record


def on_routed(open_tickets: OpenTickets) -> Handle:
    """The handler of `laksa.complaints.routed.v1`."""

    async def handle(records: Sequence[Record]) -> None:
        await open_tickets(*decode_batch(ComplaintRouted, records))

    return handle


def on_commands(obey: ObeyCommands) -> Handle:
    """The handler of `laksa.tickets.commands.v1`."""

    async def handle(records: Sequence[Record]) -> None:
        await obey(*decode_batch(TicketCommand, records, limit=MAX_VALUE_BYTES))

    return handle

"""The desk, put together."""

from functools import partial

from starlette.applications import Starlette

from services.desk import api, handlers
from services.desk.metrics import Metrics
from services.desk.rulebook import Rulebook
from services.desk.settings import Settings
from services.desk.usecases import KeepTime, ObeyCommands, OpenTickets
from shared.events import ComplaintRouted, TicketCommand
from shared.events.topics import COMPLAINTS_ROUTED, TICKETS_COMMANDS
from shared.quota import Quota
from shared.runtime import Runtime


def build(settings: Settings) -> Starlette:
    """The desk service as an ASGI application; nothing connects before its lifespan starts."""
    runtime = Runtime("desk", settings, topics=[COMPLAINTS_ROUTED, TICKETS_COMMANDS])
    metrics = Metrics(runtime.registry, runtime.plumbing)
    rulebook = Rulebook()
    parts = (runtime.database, runtime.dead_letters, metrics, rulebook, runtime.relay.wake)
    runtime.consume(COMPLAINTS_ROUTED, ComplaintRouted, handlers.on_routed(OpenTickets(*parts)))
    runtime.consume(TICKETS_COMMANDS, TicketCommand, handlers.on_commands(ObeyCommands(*parts)))
    runtime.keep_running(KeepTime(runtime.database, rulebook, runtime.relay.wake).run)
    runtime.on_scrape(partial(metrics.collect, runtime.database))
    return runtime.app(*api.build_routes(runtime.database, Quota(settings.http_requests_per_minute)))

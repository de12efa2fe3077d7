"""The router, put together."""

from datetime import timedelta
from functools import partial

from starlette.applications import Starlette

from services.router import handlers
from services.router.metrics import Metrics
from services.router.registry import Models, Registry
from services.router.settings import Settings
from services.router.usecases import AskShadow, Forget, LearnFromTickets, RouteComplaints, repeat
from shared.events import ComplaintRegistered, TicketChanged
from shared.events.topics import COMPLAINTS_REGISTERED, TICKETS_EVENTS
from shared.kafka import Handle
from shared.runtime import Runtime

READS = (COMPLAINTS_REGISTERED, TICKETS_EVENTS)
MAX_RECORDS = 250
"""A batch stays within a fraction of a second of classification."""


def build(settings: Settings) -> Starlette:
    """The router service as an ASGI application. Loads the model; a missing or altered one ends the start."""
    runtime = Runtime("router", settings, topics=READS)
    metrics = Metrics(runtime.registry, runtime.plumbing)
    models = Models(settings.model_file, settings.models_folder or settings.model_file.parent, settings.city)
    registry = Registry(runtime.database, models, metrics)
    route = RouteComplaints(runtime.database, runtime.dead_letters, registry, metrics, runtime.relay.wake)
    learn = LearnFromTickets(runtime.database, runtime.dead_letters, metrics, runtime.relay.wake)
    consume(runtime, handlers.on_registered(route), handlers.on_ticket_events(learn))
    runtime.keep_running(partial(repeat, registry.look, 1.0))
    runtime.keep_running(partial(repeat, AskShadow(runtime.database, registry), 1.0))
    runtime.keep_running(partial(repeat, learn.catch_up, 5.0))
    runtime.keep_running(partial(repeat, Forget(runtime.database, timedelta(days=settings.keep_texts_days)), 60.0))
    runtime.on_scrape(partial(metrics.collect, runtime.database))
    return runtime.app()


def consume(runtime: Runtime, on_registered: Handle, on_ticket_events: Handle) -> None:
    """What the router reads; apart from `build` because the generated documents have no model."""
    runtime.consume(COMPLAINTS_REGISTERED, ComplaintRegistered, on_registered, max_records=MAX_RECORDS)
    runtime.consume(TICKETS_EVENTS, TicketChanged, on_ticket_events, max_records=MAX_RECORDS)

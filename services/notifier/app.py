"""The notifier, put together."""

from starlette.applications import Starlette

from services.notifier.domain import Templates, for_registered, for_ticket
from services.notifier.handlers import on_event
from services.notifier.metrics import Metrics
from services.notifier.settings import Settings
from services.notifier.usecases import IssueNotifications
from shared.events import ComplaintRegistered, TicketChanged
from shared.events.topics import COMPLAINTS_REGISTERED, TICKETS_EVENTS
from shared.runtime import Runtime


def build(settings: Settings) -> Starlette:
    """The notifier service as an ASGI application; nothing connects before its lifespan starts."""
    runtime = Runtime("notifier", settings, topics=[COMPLAINTS_REGISTERED, TICKETS_EVENTS])
    metrics = Metrics(runtime.registry, runtime.plumbing)
    issue = IssueNotifications(runtime.database, runtime.dead_letters, metrics, runtime.relay.wake)
    texts, status_base = Templates.load("id"), settings.public_url
    runtime.consume(
        COMPLAINTS_REGISTERED,
        ComplaintRegistered,
        on_event(ComplaintRegistered, lambda event: for_registered(event, texts, status_base), issue),
    )
    runtime.consume(
        TICKETS_EVENTS,
        TicketChanged,
        on_event(TicketChanged, lambda event: for_ticket(event, texts, status_base), issue),
    )
    return runtime.app()

"""Intake, put together."""

from starlette.applications import Starlette

from services.intake import api, handlers
from services.intake.domain import DEAD_LETTER_REASONS
from services.intake.metrics import Metrics
from services.intake.settings import Settings
from services.intake.usecases import Keys, RegisterComplaints
from shared.events import ComplaintSubmitted
from shared.events.topics import COMPLAINTS_SUBMITTED
from shared.privacy.encryption import Vault
from shared.quota import Quota
from shared.runtime import Runtime


def build(settings: Settings) -> Starlette:
    """The intake service as an ASGI application; nothing connects before its lifespan starts."""
    runtime = Runtime("intake", settings, topics=[COMPLAINTS_SUBMITTED], dead_letter_reasons=DEAD_LETTER_REASONS)
    register = RegisterComplaints(
        runtime.database,
        runtime.dead_letters,
        Vault(runtime.key("contacts")),
        Keys(runtime.key("ticket-number"), runtime.key("content"), runtime.key("pseudonym")),
        Metrics(runtime.registry, runtime.plumbing),
        runtime.relay.wake,
    )
    runtime.consume(COMPLAINTS_SUBMITTED, ComplaintSubmitted, handlers.on_submitted(register))
    quota = Quota(settings.http_requests_per_minute, settings.http_client_quotas)
    return runtime.app(*api.build_routes(register, settings.public_url, quota))

"""The router, put together."""

from starlette.applications import Starlette

from services.router import handlers
from services.router.metrics import Metrics
from services.router.model.classifier import Classifier
from services.router.settings import Settings
from services.router.usecases import RouteComplaints
from shared.events import ComplaintRegistered
from shared.events.topics import COMPLAINTS_REGISTERED
from shared.kafka import Handle
from shared.runtime import Runtime

MAX_RECORDS = 250
"""A batch stays within a fraction of a second of classification."""


def build(settings: Settings) -> Starlette:
    """The router service as an ASGI application. Loads the model; a missing or altered one ends the start."""
    runtime = Runtime("router", settings, topics=[COMPLAINTS_REGISTERED])
    classifier = Classifier.load(settings.model_file, city=settings.city)
    metrics = Metrics(runtime.registry, runtime.plumbing, classifier.departments)
    metrics.model(classifier.manifest.model_version, classifier.manifest.corpus_sha256)
    route = RouteComplaints(runtime.database, runtime.dead_letters, classifier, metrics, runtime.relay.wake)
    consume(runtime, handlers.on_registered(route))
    return runtime.app()


def consume(runtime: Runtime, handle: Handle) -> None:
    """What the router reads; apart from `build` because the generated documents have no model."""
    runtime.consume(COMPLAINTS_REGISTERED, ComplaintRegistered, handle, max_records=MAX_RECORDS)

"""What each service shows on `/metrics`, made in this process: nothing connects."""

import asyncio
import base64
from importlib import import_module

import httpx
from prometheus_client import CollectorRegistry, generate_latest

from services.desk.metrics import ClockFigures, ClockMetrics
from services.desk.metrics import Metrics as DeskMetrics
from services.router.app import READS
from services.router.metrics import Metrics as RouterMetrics
from shared.events.decoding import UNDECODABLE_REASONS
from shared.events.topics import COMPLAINTS_ROUTED, TICKETS_COMMANDS
from shared.observability.metrics import PlumbingMetrics
from tests.unit.deploy.files import SERVICES


def expositions() -> dict[str, str]:
    """Service -> its metrics in Prometheus' text format."""
    own = {"router": _router, "desk": _desk}
    return {service: own[service]() if service in own else asyncio.run(_scrape(service)) for service in SERVICES}


async def _scrape(service: str) -> str:
    settings = import_module(f"services.{service}.settings").Settings(
        kafka_bootstrap="127.0.0.1:1",
        postgres_dsn="postgresql://nobody@127.0.0.1:1/nothing",
        secret_key=base64.b64encode(bytes(32)).decode(),
    )
    app = import_module(f"services.{service}.app").build(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        return (await client.get("/metrics")).text


def _desk() -> str:
    """The desk shows its clocks only when Postgres has told of them."""
    registry = CollectorRegistry()
    plumbing = PlumbingMetrics(registry, "desk", [COMPLAINTS_ROUTED.name, TICKETS_COMMANDS.name], UNDECODABLE_REASONS)
    clocks = ClockMetrics()
    clocks.show(ClockFigures({}, {}, {}))
    DeskMetrics(registry, plumbing)
    registry.register(clocks)
    return generate_latest(registry).decode()


def _router() -> str:
    """The router's application wants a trained model before it shows anything; its metrics do not."""
    registry = CollectorRegistry()
    plumbing = PlumbingMetrics(registry, "router", [topic.name for topic in READS], UNDECODABLE_REASONS)
    RouterMetrics(registry, plumbing).model("test", "0" * 64)
    return generate_latest(registry).decode()

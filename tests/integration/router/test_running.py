"""Whole routers as they are deployed: complaints come over Kafka, models change while they run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from launcher.kafka import KafkaNode
from services.router.app import build
from services.router.settings import Settings
from shared.events.topics import COMPLAINTS_REGISTERED, COMPLAINTS_ROUTED, TICKETS_EVENTS
from shared.kafka import provision_topics
from shared.runtime import Runtime
from tests.factories_tickets import a_change, a_registered
from tests.integration.router.conftest import ROAD, Router
from tests.integration.shared.wire import Wire, until


@pytest_asyncio.fixture
async def two_routers(kafka: KafkaNode, settings: Settings) -> AsyncIterator[list[Runtime]]:
    """Two workers that share the partitions."""
    await provision_topics([kafka.bootstrap])
    async with AsyncExitStack() as stack:
        runtimes = []
        for _ in range(2):
            application = build(settings.model_copy(update={"kafka_bootstrap": (kafka.bootstrap,)}))
            await stack.enter_async_context(application.router.lifespan_context(application))
            runtimes.append(application.state.runtime)
        await until(lambda: asyncio.sleep(0, all(s.assignment() for r in runtimes for s in r.subscriptions)))
        yield runtimes


async def post_roads(wire: Wire, count: int = 12) -> list[UUID]:
    """One road on each partition, so that both routers get some."""
    complaints = [a_registered(text_masked=ROAD) for _ in range(count)]
    for partition, complaint in enumerate(complaints):
        await wire.post(COMPLAINTS_REGISTERED, complaint.model_dump_json().encode(), partition=partition)
    return [complaint.complaint_id for complaint in complaints]


async def departments(router: Router, ids: list[UUID]) -> set[str]:
    """Where these complaints went, once all of them went somewhere."""
    look = "SELECT department FROM decisions WHERE complaint_id = ANY ($1)"

    async def all_are_decided() -> bool:
        return len(await router.query(look, ids)) == len(ids)

    await until(all_are_decided)
    return {row["department"] for row in await router.query(look, ids)}


async def test_two_running_routers_follow_an_activation_and_a_rollback_and_count_a_correction_once(
    two_routers: list[Runtime], router: Router, wire: Wire, other_file: Path
) -> None:
    version = (await router.put_down(other_file)).model_version
    first = await post_roads(wire)
    assert await departments(router, first) == {"PUPR"}
    await router.activate(version)
    await until(lambda: asyncio.sleep(0, {_version(runtime) for runtime in two_routers} == {version}))
    assert await departments(router, await post_roads(wire)) == {"DLH"}
    await router.succeed(lambda succession: succession.roll_back())
    await until(lambda: asyncio.sleep(0, version not in {_version(runtime) for runtime in two_routers}))
    assert await departments(router, await post_roads(wire)) == {"PUPR"}
    change = a_change("handed_over", complaint_id=first[0], version=2, department="DLH").model_dump_json().encode()
    await wire.post(TICKETS_EVENTS, change, change)
    await until(lambda: router.query("SELECT 1 FROM corrections"))
    assert len({record.key for record in await wire.read(COMPLAINTS_ROUTED, 36)}) == 36


def _version(runtime: Runtime) -> str:
    """The version of the model that a router says is at work."""
    [info] = [metric for metric in runtime.registry.collect() if metric.name == "laksa_model_info"]
    return info.samples[0].labels["version"]

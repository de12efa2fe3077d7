"""Kill -9 of any service under load loses nothing, doubles nothing and keeps the order."""

import asyncio
import json
import os
import random
import signal
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from tests.e2e.accounting import faults
from tests.e2e.conftest import Stack
from tests.e2e.topics import Seen, read_until

COMPLAINTS = 600
KILLS = 4


async def post_steadily(bootstrap: str, ids: list[str], seconds: float) -> list[str]:
    """Post one complaint per id, spread over `seconds`; returns the ids that the broker acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        confirmations = []
        for complaint_id in ids:
            record = {
                "complaint_id": complaint_id, "submitted_at": datetime.now(UTC).isoformat(), "channel": "web",
                "text": f"Jalan berlubang dekat pasar, laporan {complaint_id[:6]}",
            }  # fmt: skip
            confirmations.append(
                await producer.send(
                    "laksa.complaints.submitted.v1", json.dumps(record).encode(), key=complaint_id.encode()
                )
            )
            await asyncio.sleep(seconds / len(ids))
        await asyncio.gather(*confirmations)
    finally:
        await producer.stop()
    return ids


async def kill_repeatedly(stack: Stack, service: str, times: int, chance: random.Random) -> list[float]:
    """SIGKILL the service's process, wait until it serves again, several times; returns seconds from kill to ready."""
    recoveries = []
    for _ in range(times):
        await asyncio.sleep(chance.uniform(0.1, 0.8))
        pid = (await stack.all_ready())["services"][service]["pid"]
        os.kill(pid, signal.SIGKILL)
        killed = monotonic()
        await asyncio.sleep(0.2)
        await stack.all_ready()
        recoveries.append(monotonic() - killed)
    return recoveries


@pytest.mark.parametrize("service", ["intake", "router", "desk", "notifier"])
async def test_nothing_is_lost_or_doubled_when_a_service_is_killed_under_load(stack: Stack, service: str) -> None:
    seed = random.randrange(10_000)
    status = await stack.all_ready()
    bootstrap = status["kafka"]["bootstrap"]
    ids = [str(uuid4()) for _ in range(COMPLAINTS)]

    acknowledged, recoveries = await asyncio.gather(
        post_steadily(bootstrap, ids, seconds=6), kill_repeatedly(stack, service, KILLS, random.Random(seed))
    )

    def complete(seen: Seen) -> bool:
        opened, told = seen.records["laksa.tickets.events.v1"], seen.records["laksa.notifications.v1"]
        return all(i in opened and i in told for i in acknowledged)

    seen = await read_until(bootstrap, complete, timeout=30)
    for records in seen.records.values():
        for other in set(records) - set(acknowledged):
            del records[other]
    assert faults(acknowledged, seen) == [], f"seed {seed}"
    assert max(recoveries) < 15, recoveries


def test_the_accounting_sees_a_lost_a_doubled_and_a_reordered_complaint() -> None:
    """The control: a checker that cannot fail proves nothing."""
    seen = Seen()

    def emit(topic: str, complaint_id: str, **fields: object) -> None:
        seen.records[topic][complaint_id].append({"event_id": str(uuid4()), **fields})

    for complaint_id in ("doubled", "reordered"):
        emit("laksa.complaints.registered.v1", complaint_id)
        emit("laksa.complaints.routed.v1", complaint_id)
        emit("laksa.notifications.v1", complaint_id, kind="received")
    emit("laksa.complaints.routed.v1", "doubled")
    emit("laksa.tickets.events.v1", "doubled", version=1)
    emit("laksa.tickets.events.v1", "reordered", version=2)
    emit("laksa.tickets.events.v1", "reordered", version=1)

    found = faults(["lost", "doubled", "reordered"], seen)

    assert "duplicated: doubled was routed 2 times" in found
    assert "reordered: reordered has ticket versions [2, 1]" in found
    assert sum(fault.startswith("lost: lost") for fault in found) == 4

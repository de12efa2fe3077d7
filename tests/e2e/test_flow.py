"""A complaint's way through the whole system, seen from outside."""

import asyncio
import json
import urllib.request
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from tests.e2e.conftest import Stack
from tests.e2e.topics import Seen, read_until

LAMP = "Lampu jalan di depan SDN 3 Cipondoh mati sudah seminggu, mohon diperbaiki. Hubungi saya di 0812-0000-1234"


def complaint(**fields: Any) -> dict[str, Any]:
    """What the app posts."""
    return {
        "complaint_id": str(uuid4()),
        "submitted_at": "2099-01-01T00:00:00+07:00",
        "channel": "tangerang_live",
        "text": LAMP,
        "reporter": {"name": "Warga Contoh", "nik": "3671014101900001", "phone": "081200001234"},
    } | fields


async def post(bootstrap: str, topic: str, *records: dict[str, Any]) -> None:
    """Produce as any client would, without our own helpers; unkeyed, without headers."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for record in records:
            await producer.send_and_wait(topic, json.dumps(record).encode())
    finally:
        await producer.stop()


def now() -> str:
    """This moment as the app writes it."""
    return datetime.now(UTC).isoformat()


def has(topic: str, complaint_id: str, count: int = 1) -> Any:
    """True once `count` distinct events about a complaint were seen."""
    return lambda seen: len(seen.distinct(topic, complaint_id)) >= count


async def test_a_complaint_posted_to_kafka_becomes_a_ticket_a_notification_and_a_metric(stack: Stack) -> None:
    status = stack.status()
    bootstrap = status["kafka"]["bootstrap"]
    posted = complaint(submitted_at=now())
    complaint_id = posted["complaint_id"]

    await post(bootstrap, "laksa.complaints.submitted.v1", posted)
    seen = await read_until(bootstrap, has("laksa.notifications.v1", complaint_id), timeout=20)
    seen = await read_until(bootstrap, has("laksa.tickets.events.v1", complaint_id), timeout=20)

    [registered] = seen.distinct("laksa.complaints.registered.v1", complaint_id)
    [routed] = seen.distinct("laksa.complaints.routed.v1", complaint_id)
    [opened] = seen.distinct("laksa.tickets.events.v1", complaint_id)
    told = seen.distinct("laksa.notifications.v1", complaint_id)
    assert registered["text_masked"] == LAMP.replace("0812-0000-1234", "[TELP]")
    assert routed["ticket_number"] == opened["ticket_number"] == registered["ticket_number"]
    assert routed["department"] == "DISHUB"
    assert (opened["version"], opened["type"]) == (1, "opened")
    assert told[0]["kind"] == "received"
    assert registered["ticket_number"] in told[0]["body"]
    assert 'laksa_complaints_registered_total{channel="tangerang_live"}' in metrics(status, "intake")


async def test_personal_data_of_the_reporter_is_on_no_topic_but_submitted(stack: Stack) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    posted = complaint(submitted_at=now(), text="Jalan berlubang, NIK saya 3671014101900001, email warga@contoh.id")
    await post(bootstrap, "laksa.complaints.submitted.v1", posted)

    seen = await read_until(bootstrap, has("laksa.tickets.events.v1", posted["complaint_id"]), timeout=20)

    everything = json.dumps([seen.of(topic, posted["complaint_id"]) for topic in list(seen.records)])
    assert not [
        word for word in ("3671014101900001", "081200001234", "warga@contoh.id", "Warga Contoh") if word in everything
    ]


async def test_a_confidential_complaint_shows_neither_text_nor_place_to_the_desk(stack: Stack) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    posted = complaint(
        submitted_at=now(),
        confidential=True,
        text="Tetangga memukuli anaknya tiap malam",
        location={"address": "Jl. Mawar"},
    )
    await post(bootstrap, "laksa.complaints.submitted.v1", posted)

    seen = await read_until(bootstrap, has("laksa.tickets.events.v1", posted["complaint_id"]), timeout=20)

    beyond_intake = [
        seen.of(topic, posted["complaint_id"]) for topic in list(seen.records) if "registered" not in topic
    ]
    assert "memukuli" not in json.dumps(beyond_intake)
    assert "Mawar" not in json.dumps(beyond_intake)


async def test_http_gives_a_ticket_number_at_once_and_the_same_one_again(stack: Stack) -> None:
    intake = stack.status()["services"]["intake"]["url"]
    posted = complaint(submitted_at=now(), channel="web")
    async with httpx.AsyncClient(base_url=intake) as client:
        first = await client.post("/v1/complaints", json=posted)
        again = await client.post("/v1/complaints", json=posted)
        other = await client.post("/v1/complaints", json=posted | {"text": "Sampah menumpuk"})

    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
    assert first.json() == again.json()
    assert first.json()["ticket_number"].startswith("LKS-")


async def test_an_operator_assigns_a_ticket_in_review_and_its_department_receives_it(stack: Stack) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    posted = complaint(submitted_at=now(), text="tolong ya pak")
    complaint_id = posted["complaint_id"]
    await post(bootstrap, "laksa.complaints.submitted.v1", posted)
    seen = await read_until(bootstrap, has("laksa.tickets.events.v1", complaint_id), timeout=20)
    assert seen.distinct("laksa.tickets.events.v1", complaint_id)[0]["state"] == "in_review"
    assert seen.distinct("laksa.tickets.assigned.v1", complaint_id) == []

    command = {
        "event_id": str(uuid4()), "occurred_at": now(), "complaint_id": complaint_id, "command": "assign",
        "department": "PUPR", "expected_version": 1, "actor": {"kind": "operator", "ref": "op-1"},
    }  # fmt: skip
    await post(bootstrap, "laksa.tickets.commands.v1", command, command)

    def answered_twice(seen: Seen) -> bool:
        return len(seen.of("laksa.tickets.replies.v1", complaint_id)) >= 2

    seen = await read_until(bootstrap, answered_twice, timeout=20)
    seen = await read_until(bootstrap, has("laksa.notifications.v1", complaint_id, 3), timeout=20)
    [answer] = seen.distinct("laksa.tickets.replies.v1", complaint_id)
    [assigned] = seen.distinct("laksa.tickets.assigned.v1", complaint_id)
    told = [(n["audience"], n["kind"]) for n in seen.distinct("laksa.notifications.v1", complaint_id)]
    assert (answer["command_id"], answer["outcome"], answer["version"]) == (command["event_id"], "done", 2)
    assert (assigned["department"], assigned["assigned_by"]) == ("PUPR", "operator")
    assert sorted(told) == [("officer", "assigned"), ("reporter", "assigned"), ("reporter", "received")]


async def test_the_demonstration_makes_its_counts_meet(stack: Stack) -> None:
    finished = await asyncio.to_thread(stack.laksa, "demo", "--count", "60", "--json")

    assert finished.returncode == 0, finished.stderr
    summary = json.loads(finished.stdout)["summary"]
    assert (summary["posted"], summary["registered"], summary["repeats"]) == (60 + 6 + 7, 60, 6)
    assert summary["registered"] == summary["routed"] == summary["opened"] == summary["told"]
    assert len(summary["dead_letters"]) == 7


def metrics(status: dict[str, Any], service: str) -> str:
    """A service's page of metrics."""
    with urllib.request.urlopen(f"{status['services'][service]['url']}/metrics", timeout=5) as answer:
        return str(answer.read().decode())

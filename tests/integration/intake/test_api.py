"""The same over HTTP: an answer at once, and a refusal that says why."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from services.intake import api
from services.intake.api import build_routes
from services.intake.domain import is_ticket_number
from shared.quota import Quota
from tests.factories import TRACEPARENT, complaint_id_of, full_posting, posting, record
from tests.integration.intake.parts import Intake, all_at_once, build_intake
from tests.integration.shared.gate import Gate

URL = "https://lapor.contoh.id"


def client_of(intake: Intake, *, per_minute: int = 600) -> httpx.AsyncClient:
    """An HTTP client of this worker."""
    app = Starlette(routes=build_routes(intake.register, URL, Quota(per_minute)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake")


@pytest_asyncio.fixture
async def client(intake: Intake) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a generous quota."""
    async with client_of(intake) as client:
        yield client


async def post(client: httpx.AsyncClient, body: dict[str, Any] | bytes, **headers: str) -> httpx.Response:
    """Post a complaint; no answer at all fails."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with asyncio.timeout(20):
        return await client.post("/v1/complaints", content=content, headers=headers)


def kind(response: httpx.Response) -> tuple[int, str]:
    """Status and kind of a problem; checks that it is one by RFC 9457."""
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == response.status_code
    assert problem["title"]
    return response.status_code, problem["type"].removeprefix("urn:laksa:problem:")


async def test_a_complaint_is_accepted_when_it_is_durable(client: httpx.AsyncClient, intake: Intake) -> None:
    given = full_posting()
    response = await post(client, given)
    answer = response.json()
    assert response.status_code == 202
    assert answer["complaint_id"] == given["complaint_id"]
    assert is_ticket_number(answer["ticket_number"])
    assert answer["status_url"] == f"{URL}/status/{answer['ticket_number']}"
    stored = await intake.complaints()
    assert stored[complaint_id_of(given)]["ticket_number"] == answer["ticket_number"]
    assert len(await intake.events()) == 1


async def test_a_repeat_has_the_first_answer(client: httpx.AsyncClient) -> None:
    given = posting()
    first, second = await post(client, given), await post(client, dict(reversed(given.items())))
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json() == second.json()


async def test_a_complaint_that_came_by_kafka_is_a_repeat_over_http(client: httpx.AsyncClient, intake: Intake) -> None:
    given = posting()
    await intake.read(record(given))
    assert (await post(client, given)).status_code == 200
    assert len(await intake.events()) == 1


async def test_other_content_under_the_same_id_is_a_conflict(client: httpx.AsyncClient) -> None:
    given = posting()
    await post(client, given)
    assert kind(await post(client, given | {"text": "isi yang lain"})) == (409, "id_conflict")


async def test_the_same_complaint_posted_twice_at_once_is_accepted_once(client: httpx.AsyncClient, dsn: str) -> None:
    given = posting()
    async with all_at_once(dsn, waiting=2):
        answers = await asyncio.gather(post(client, given), post(client, given))
    assert sorted(answer.status_code for answer in answers) == [200, 202]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    "body", [posting(text="x" * 5_001), b" " * 65_537, json.dumps(posting(x="x" * 65_536)).encode()]
)
async def test_what_is_too_large_is_refused_as_such(client: httpx.AsyncClient, body: dict[str, Any] | bytes) -> None:
    assert kind(await post(client, body)) == (413, "too_large")


async def test_an_endless_body_is_refused_after_the_first_64_kib(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10_000_000:
            sent += 8_192
            yield b" " * 8_192

    response = await client.post("/v1/complaints", content=endless())
    assert kind(response) == (413, "too_large")
    assert sent < 100_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"), (b"{", "not_json"), (b"\xff", "not_utf8"), (b"{}", "schema"), (posting(text=7), "schema"),
        (posting(text=" \n "), "empty_text"), (posting(submitted_at="2020-01-01T00:00:00Z"), "time_out_of_range"),
        (posting(submitted_at="2026-11-24T09:15:00"), "schema"),
    ],
)  # fmt: skip
async def test_what_cannot_be_accepted_is_refused_with_its_reason(
    client: httpx.AsyncClient, intake: Intake, body: dict[str, Any] | bytes, reason: str
) -> None:
    """The caller is told; nothing is kept of it, as no one else will have to look."""
    assert kind(await post(client, body)) == (422, reason)
    assert await intake.rows("complaints") == await intake.rows("dead_letters") == await intake.rows("outbox") == []


async def test_a_refusal_quotes_nothing_of_the_complaint(client: httpx.AsyncClient) -> None:
    response = await post(client, full_posting(text=3671054508900003))
    assert "3671054508900003" not in response.text
    assert response.json()["detail"] == "text: string_type"


async def test_a_client_over_its_quota_is_told_when_to_come_back(intake: Intake) -> None:
    async with client_of(intake, per_minute=3) as client:
        statuses = [(await post(client, posting())).status_code for _ in range(3)]
        response = await post(client, posting())
    assert statuses == [202, 202, 202]
    assert kind(response) == (429, "rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= 20
    assert len(await intake.complaints()) == 3


async def test_a_quota_is_for_http_only(intake: Intake) -> None:
    async with client_of(intake, per_minute=1) as client:
        await post(client, posting())
        await intake.read(*[record(posting()) for _ in range(50)])
    assert len(await intake.complaints()) == 51


async def test_while_postgres_is_away_the_client_is_asked_to_try_again(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PATIENCE_SECONDS", 0.3)
    gate, given = Gate(dsn), posting()
    await gate.open()
    intake = await build_intake(gate.dsn)
    async with client_of(intake) as client:
        await gate.shut()
        response = await post(client, given)
        assert kind(response) == (503, "unavailable")
        assert int(response.headers["retry-after"]) > 0
        await gate.open()
        assert (await post(client, given)).status_code == 202
    await intake.database.close()
    await gate.shut()


async def test_before_postgres_was_ever_there_the_client_is_asked_to_try_again(dsn: str) -> None:
    async with client_of(await build_intake(dsn, connect=False)) as client:
        assert kind(await post(client, posting())) == (503, "unavailable")


async def test_a_batch_from_kafka_waits_for_postgres_and_is_registered_once(dsn: str) -> None:
    gate = Gate(dsn)
    await gate.open()
    intake = await build_intake(gate.dsn)
    await gate.shut()
    reading = asyncio.create_task(intake.read(record(posting()), record(b"{")))
    await asyncio.wait([reading], timeout=0.2)
    assert not reading.done()
    await gate.open()
    await asyncio.wait_for(reading, 10)
    assert len(await intake.rows("complaints")) == len(await intake.rows("dead_letters")) == 1
    await intake.database.close()
    await gate.shut()


async def test_the_trace_of_a_request_travels_on(client: httpx.AsyncClient, intake: Intake) -> None:
    await post(client, posting(), traceparent=TRACEPARENT)
    [row] = await intake.rows("outbox")
    assert row["traceparent"] == TRACEPARENT
    assert row["posted_at"] is not None


async def test_requests_count_like_records(client: httpx.AsyncClient, intake: Intake) -> None:
    given = posting(channel="web")
    for body in (given, given, given | {"text": "isi yang lain"}):
        await post(client, body)
    what = ("received", "registered", "repeated")
    assert [intake.counted(f"laksa_complaints_{one}_total", channel="web") for one in what] == [3, 1, 1]
    assert intake.counted("laksa_pipeline_latency_seconds_count", stage="registered") == 1


async def test_only_posting_is_allowed(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/complaints")).status_code == 405

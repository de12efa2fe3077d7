"""What a citizen sees of a ticket, by its number."""

import httpx
import pytest_asyncio
from starlette.applications import Starlette

from services.desk.api import build_routes
from shared.events import Actor
from shared.quota import Quota
from tests.factories_tickets import a_command, a_routed
from tests.integration.desk.conftest import Desk


def client_of(desk: Desk, per_minute: int = 100) -> httpx.AsyncClient:
    app = Starlette(routes=build_routes(desk.runtime.database, Quota(per_minute)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk")


@pytest_asyncio.fixture
async def number(desk: Desk) -> str:
    """The number of a ticket that its department has started."""
    routed = a_routed(department="DISHUB")
    await desk.route(routed)
    await desk.command(
        a_command("start", routed.complaint_id, actor=Actor(kind="officer", department="DISHUB", ref="o1"))
    )
    return routed.ticket_number


async def test_the_public_word_the_department_the_promise_and_the_way_are_shown(desk: Desk, number: str) -> None:
    async with client_of(desk) as client:
        shown = (await client.get(f"/status/{number.lower()}")).json()
    assert (shown["ticket_number"], shown["public_status"]) == (number, "proses")
    assert shown["department"] == "Dinas Perhubungan"
    assert [one["what"] for one in shown["history"]] == ["Laporan diterima", "Mulai ditangani Dinas Perhubungan"]
    assert shown["overdue"] is False


async def test_a_browser_gets_a_page_that_runs_nothing(desk: Desk, number: str) -> None:
    async with client_of(desk) as client:
        page = await client.get(f"/status/{number}", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert number in page.text
    assert "Lampu" not in page.text


async def test_a_number_that_nobody_has_is_not_found_and_nothing_of_it_is_shown(desk: Desk) -> None:
    async with client_of(desk) as client:
        answer = await client.get("/status/%3Cscript%3E", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "script" not in answer.text.lower()


async def test_who_asks_too_often_is_told_when_to_come_back(desk: Desk) -> None:
    async with client_of(desk, per_minute=1) as client:
        await client.get("/status/LKS-0000-0000")
        answer = await client.get("/status/LKS-0000-0000")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0

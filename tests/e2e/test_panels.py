"""Every panel of every dashboard shows numbers while the real services work, as Prometheus sees them."""

import asyncio
import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.e2e.conftest import Stack
from tests.e2e.test_flow import metrics, now, post
from tests.integration.deploy.panel_runner import PanelRunner, ask, broken_dashboards
from tests.tools import program
from tests.unit.deploy.files import SERVICES, dashboards

PATIENCE_SECONDS = 120
"""Two scrapes and two rounds of recording rules after the load, on a busy machine."""
RARELY_SHOWN = {
    "Acknowledged in time, the worst first",
    "Responded in time, the worst first",
    "Resolved in time, the worst first",
    "Overdue, by department and clock",
    "Models that cannot be loaded",
    "Decided alone, and left as it was",
    "Drift of confidence",
    "Shadow model",
}
"""What a quarter of an hour's load cannot show: twenty tickets judged of one department, weeks of decisions."""
WORK: tuple[dict[str, str], ...] = (
    {"command": "acknowledge"},
    {"command": "answer", "text": "Petugas sudah di lokasi."},
    {"command": "resolve", "text": "Sudah diperbaiki."},
    {"command": "hand_over", "reason": "bukan kewenangan kami"},
)


@pytest.fixture(scope="module")
def panel_runner(stack: Stack) -> PanelRunner:
    """On the Prometheus of the running system, which has scraped every service twice and then seen it work."""
    program("prometheus")
    url = stack.status()["prometheus"]["url"]
    scraped = "count(count_over_time(up{job=~'intake|router|desk|notifier'}[10m]) > 1)"
    until(lambda: values(url, scraped) == [len(SERVICES)])
    done = stack.laksa("demo", "--count", "60", "--json")
    assert done.returncode == 0, done.stderr
    asyncio.run(work(stack.status()))
    return PanelRunner(url, rate_interval="5m", range="15m")


def until(true: Callable[[], object]) -> None:
    """Return as soon as it is true, or when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true() and time.monotonic() < deadline:
        time.sleep(1)


def values(url: str, query: str) -> list[float]:
    return [float(series["value"][1]) for series in ask(url, "query", query=query)["result"]]


async def work(status: dict[str, Any]) -> None:
    """Departments take note, answer, resolve and hand over."""
    connection = await asyncpg.connect(status["postgres"]["dsn"])
    found = await connection.fetch(
        """SELECT complaint_id, department FROM desk.tickets
           WHERE state = 'assigned' ORDER BY opened_at DESC LIMIT 12"""
    )
    await connection.close()
    commands = [
        command(row["complaint_id"], row["department"], todo)
        for row, todo in zip(found, itertools.cycle(WORK), strict=False)
    ]
    await post(status["kafka"]["bootstrap"], "laksa.tickets.commands.v1", *commands)


def command(complaint_id: UUID, department: str, todo: dict[str, str]) -> dict[str, Any]:
    other = "DLH" if department != "DLH" else "PUPR"
    return {
        "event_id": str(uuid4()),
        "occurred_at": now(),
        "complaint_id": str(complaint_id),
        "actor": {"kind": "operator", "ref": "op-1"},
        **todo,
        **({"department": other} if todo["command"] == "hand_over" else {}),
    }


def test_every_panel_of_every_dashboard_shows_numbers(panel_runner: PanelRunner) -> None:
    until(lambda: not panel_runner.faults(dashboards()))
    assert panel_runner.faults(dashboards()) == []


def test_a_panel_that_may_be_empty_is_not_empty_under_load(panel_runner: PanelRunner) -> None:
    until(lambda: panel_runner.silent(dashboards()) <= RARELY_SHOWN)
    assert panel_runner.silent(dashboards()) - RARELY_SHOWN == set()


def test_every_way_in_which_a_panel_may_be_broken_is_found(panel_runner: PanelRunner) -> None:
    broken = broken_dashboards()
    assert {fault.partition(":")[0] for fault in panel_runner.faults(broken)} == set(broken)


def test_every_rule_finds_what_it_reads(panel_runner: PanelRunner) -> None:
    groups = ask(panel_runner.url, "rules")["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}, json.dumps(groups)


def test_a_system_at_work_raises_no_alarm_but_for_the_records_that_were_bad(panel_runner: PanelRunner) -> None:
    """The demonstration posts records that cannot be accepted; nothing else is wrong, nor about to be."""
    active = ask(panel_runner.url, "alerts")["alerts"]
    firing = {alert["labels"]["alertname"] for alert in active if alert["state"] == "firing"}
    pending = {alert["labels"]["alertname"] for alert in active if alert["state"] == "pending"}
    assert firing <= {"DeadLetters"}
    assert not pending & {"SeriesMissing", "CalendarEnding", "ModelMissing", "DatabaseUnreachable"}


async def test_a_desk_that_was_killed_shows_again_what_the_rows_say(stack: Stack, panel_runner: PanelRunner) -> None:
    """Tickets, clocks, breaches and times are nowhere but in Postgres: kill -9 changes none of them."""
    before = stack.status()
    shown = figures_about_tickets(before)
    os.kill(before["services"]["desk"]["pid"], signal.SIGKILL)
    until(lambda: stack.status()["services"]["desk"]["pid"] not in (None, before["services"]["desk"]["pid"]))
    after = await stack.all_ready()

    assert figures_about_tickets(after) == shown
    connection = await asyncpg.connect(after["postgres"]["dsn"])
    for name in ("acknowledge", "respond", "resolve"):
        rows = await connection.fetchval("SELECT count(*) FROM desk.times_taken WHERE clock = $1", name)
        counted = [value for series, value in shown.items() if series.startswith(f"laksa_ticket_{name}_seconds_count")]
        assert sum(counted) == rows > 0
    await connection.close()


def figures_about_tickets(status: dict[str, Any]) -> dict[str, float]:
    """What the desk shows of tickets and clocks, ages left out: they grow."""
    lines = [line for line in metrics(status, "desk").splitlines() if line.startswith(("laksa_ticket", "laksa_sla_"))]
    return {
        series: float(value)
        for series, _, value in (line.rpartition(" ") for line in lines)
        if not series.startswith("laksa_ticket_oldest")
    }

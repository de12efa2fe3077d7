"""Prometheus and Alertmanager, started as the launcher starts them, on the files of deploy/."""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from launcher.monitoring import Alertmanager, Configuration, Prometheus
from launcher.paths import Paths
from launcher.ports import accepts_connections, free_port
from launcher.process import running
from tests.integration.deploy import panel_runner
from tests.integration.deploy.conftest import Find
from tests.integration.deploy.panel_runner import PanelRunner, broken_dashboards
from tests.integration.deploy.scraped import scraped_services
from tests.unit.deploy.files import DEPLOY, SERVICES, dashboards

PATIENCE_SECONDS = 30.0
T = TypeVar("T")


@pytest.fixture(scope="module")
def alert_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port and the output of the webhook that writes alerts down."""
    port, output = free_port(), tmp_path_factory.mktemp("alert-log") / "alerts.jsonl"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, DEPLOY / "alertmanager" / "alert_log.py", "127.0.0.1", str(port)], stdout=stream
        )
        try:
            within_patience(lambda: accepts_connections(port))
            yield port, output
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def prometheus(
    program: Find, paths: Paths, alert_log: tuple[int, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Prometheus that watches the four services, and Alertmanager behind it."""
    prometheus_program = program("prometheus")
    alertmanager_program = program("prometheus-alertmanager", "alertmanager")
    folder = tmp_path_factory.mktemp("monitoring")
    with scraped_services() as services:
        ports = {
            **services,
            "prometheus": (own := free_port()),
            "alertmanager": (other := free_port(besides=[own])),
            "alert-log": alert_log[0],
        }
        alertmanager = Alertmanager(
            alertmanager_program, hurried("alertmanager", folder, ports), folder / "a", paths.log("alertmanager"), other
        )
        watcher = Prometheus(
            prometheus_program, hurried("prometheus", folder, ports), folder / "p", paths.log("prometheus"), own
        )
        with running(alertmanager), running(watcher):
            yield watcher


def hurried(name: str, folder: Path, ports: Mapping[str, int]) -> Configuration:
    """A folder of deploy/ whose clocks all tick once a second: nothing else differs from what is shipped."""
    copy = folder / f"{name}-hurried"
    shutil.copytree(DEPLOY / name, copy)
    for file in copy.rglob("*.yml"):
        text = re.sub(r"\b(\w*interval|scrape_timeout|group_wait): \d+[smhd]", r"\1: 1s", file.read_text())
        file.write_text(text)
    return Configuration(copy, folder / name, ports)


def within_patience(attempt: Callable[[], T]) -> T:
    """What `attempt` returns as soon as it is truthy; what it returned last when time is up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (result := attempt()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return result


def ask(prometheus: Prometheus, path: str, **parameters: str) -> Any:
    """Prometheus' answer; HTTPError when it refuses the question."""
    return panel_runner.ask(prometheus.url, path, **parameters)


def test_every_target_is_found_where_the_launcher_put_it(prometheus: Prometheus) -> None:
    def up() -> bool:
        targets = ask(prometheus, "targets")["activeTargets"]
        health = {target["labels"]["job"]: target["health"] for target in targets}
        return health == dict.fromkeys((*SERVICES, "prometheus", "alertmanager"), "up")

    assert within_patience(up), ask(prometheus, "targets")


def test_every_rule_is_evaluated_without_an_error(prometheus: Prometheus) -> None:
    def healths() -> set[str]:
        groups = ask(prometheus, "rules")["groups"]
        return {rule["health"] for group in groups for rule in group["rules"]}

    assert within_patience(lambda: healths() == {"ok"}), healths()


def test_every_panel_shows_something(prometheus: Prometheus) -> None:
    def faults() -> list[str]:
        return PanelRunner(prometheus.url).faults(dashboards())

    assert within_patience(lambda: not faults()), faults()


def test_every_way_in_which_a_panel_may_be_broken_is_found(prometheus: Prometheus) -> None:
    broken = broken_dashboards()
    found = PanelRunner(prometheus.url).faults(broken)
    assert {fault.partition(":")[0] for fault in found} == set(broken)


def test_an_alert_becomes_a_line_in_the_log_of_its_receiver(
    prometheus: Prometheus, alert_log: tuple[int, Path]
) -> None:
    """Every counter grows, dead letters too."""

    def line() -> dict[str, Any] | None:
        complete, _, _ = alert_log[1].read_text().rpartition("\n")
        lines = map(json.loads, complete.splitlines())
        return next((line for line in lines if line["labels"]["alertname"] == "DeadLetters"), None)

    written = within_patience(line)
    assert written is not None
    assert written["receiver"] == {"page": "on-call", "ticket": "operators"}[written["labels"]["severity"]]
    assert written["status"] == "firing"
    assert written["annotations"]["runbook"] == "docs/runbooks/DeadLetters.md"


def test_the_alert_log_refuses_what_is_no_alert(alert_log: tuple[int, Path]) -> None:
    for body in (b"not json", b"[]", b'{"receiver": "x"}'):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(f"http://127.0.0.1:{alert_log[0]}/", data=body)

"""Prometheus' and Alertmanager's own tools accept their files, and the rules' tests pass."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.deploy.conftest import Find
from tests.unit.deploy.files import DEPLOY

PROMETHEUS = DEPLOY / "prometheus"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"


def run(*command: str | Path) -> str:
    """The output of a command that must succeed."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_prometheus_accepts_its_configuration_and_rules(program: Find) -> None:
    assert "3 rule files found" in run(program("promtool"), "check", "config", PROMETHEUS / "prometheus.yml")


def test_the_rules_do_what_their_tests_say(program: Find) -> None:
    tests = sorted((PROMETHEUS / "tests").glob("*.yml"))
    assert run(program("promtool"), "test", "rules", *tests).count("SUCCESS") == len(tests)


def test_alertmanager_accepts_its_configuration(program: Find) -> None:
    assert "SUCCESS" in run(program("amtool"), "check-config", ALERTMANAGER)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=ServiceDown", "severity=page"], "on-call"),
        (["alertname=DeadLetters", "severity=ticket", "service=intake"], "operators"),
        (["alertname=TicketsOverdue", "severity=ticket", "department=DLH"], "departments"),
        (["alertname=AcknowledgementsFalling", "severity=ticket", "department=BPBD"], "departments"),
        (["alertname=TicketsOverdue", "severity=ticket", "department=TLR"], "live-room"),
        (["alertname=Invented", "severity=page", "department=DLH"], "on-call"),
        (["alertname=ModelDrifting", "severity=ticket"], "operators"),
    ],
)
def test_an_alert_goes_to_whoever_can_act(labels: list[str], receiver: str, program: Find) -> None:
    assert (
        run(program("amtool"), "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels).strip() == receiver
    )


def test_a_missing_program_is_named(program: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKSA_TEST_REQUIRE_TOOLS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed: apt-get install"):
        program("no-such-program")


def test_a_missing_program_is_a_failure_where_it_could_be_installed(
    program: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKSA_TEST_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        program("no-such-program")

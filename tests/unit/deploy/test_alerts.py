"""Every alert says what to do, and is tested both ways."""

from typing import Any

import pytest

from tests.unit.deploy.files import DEPLOY, ROOT, RUNBOOKS, Alert, alerts, load_yaml

ALERTS = alerts()
IDS = [" ".join(alert.key) for alert in ALERTS]


def cases() -> list[dict[str, Any]]:
    """The alert cases of all promtool tests."""
    files = sorted((DEPLOY / "prometheus" / "tests").glob("*.yml"))
    tests = [test for file in files for test in load_yaml(file)["tests"]]
    return [case for test in tests for case in test.get("alert_rule_test", [])]


def fires(case: dict[str, Any], alert: Alert) -> bool:
    return any(expected["exp_labels"]["severity"] == alert.severity for expected in case["exp_alerts"])


@pytest.mark.parametrize("alert", ALERTS, ids=IDS)
def test_an_alert_has_its_runbook_page(alert: Alert) -> None:
    assert alert.runbook == f"docs/runbooks/{alert.name}.md"
    page = (ROOT / alert.runbook).read_text(encoding="utf-8")
    assert page.startswith(f"# {alert.name}\n")
    for part in ("**For citizens:**", "## Look", "## Do"):
        assert part in page


@pytest.mark.parametrize("alert", ALERTS, ids=IDS)
def test_an_alert_is_shown_to_fire_and_to_stay_quiet(alert: Alert) -> None:
    own = [case for case in cases() if case["alertname"] == alert.name]
    assert any(fires(case, alert) for case in own)
    assert any(not fires(case, alert) for case in own)


def test_severities_are_those_that_alertmanager_routes() -> None:
    assert {alert.severity for alert in ALERTS} == {"page", "ticket"}


def test_no_two_alerts_are_the_same() -> None:
    assert len({alert.key for alert in ALERTS}) == len(ALERTS)


def test_every_runbook_page_belongs_to_an_alert() -> None:
    pages = {file.stem for file in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {alert.name for alert in ALERTS}


def test_every_receiver_has_an_address() -> None:
    """An alert that is sent to nobody is the worst kind of quiet."""
    receivers = load_yaml(DEPLOY / "alertmanager" / "alertmanager.yml")["receivers"]
    assert [receiver["name"] for receiver in receivers if set(receiver) == {"name"}] == []

"""Dashboards that explain themselves, and that Grafana finds."""

import re
from typing import Any

import pytest

from tests.unit.deploy.files import DEPLOY, RUNBOOKS, Alert, alerts, compose, dashboards, load_yaml, panels

DASHBOARDS = dashboards()
ALERTS = alerts()
PROVISIONING = DEPLOY / "grafana" / "provisioning"


@pytest.fixture(params=sorted(DASHBOARDS))
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = DASHBOARDS[request.param]
    return found


def test_panel_ids_are_unique(dashboard: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in [*dashboard["panels"], *panels(dashboard)] if panel["type"] == "row"]
    ids += [panel["id"] for panel in panels(dashboard)]
    assert len(ids) == len(set(ids))


def test_every_panel_has_a_unit_and_says_what_it_shows(dashboard: dict[str, Any]) -> None:
    for panel in panels(dashboard):
        assert panel["fieldConfig"]["defaults"].get("unit"), panel["title"]
        assert panel["description"].endswith("."), panel["title"]


def test_no_panel_covers_another(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + column, at["y"] + line) for column in range(at["w"]) for line in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


def test_the_data_source_is_chosen_by_whoever_looks(dashboard: dict[str, Any]) -> None:
    assert {panel["datasource"]["uid"] for panel in panels(dashboard)} == {"${datasource}"}
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    if any("$department" in target["expr"] for panel in panels(dashboard) for target in panel["targets"]):
        assert variables["department"]["query"]["query"] == "label_values(laksa_tickets_open, department)"


def test_links_stay_true_since_the_uid_is_fixed(dashboard: dict[str, Any]) -> None:
    assert dashboard["uid"]
    assert "id" not in dashboard


def test_the_three_questions_have_a_dashboard_each() -> None:
    assert {d["uid"] for d in DASHBOARDS.values()} == {"laksa-city", "laksa-department", "laksa-pipeline"}


@pytest.mark.parametrize("alert", ALERTS, ids=[" ".join(alert.key) for alert in ALERTS])
def test_an_alert_leads_to_a_panel_and_the_panel_to_the_alerts_runbook(alert: Alert) -> None:
    found = re.fullmatch(r"/d/([\w-]+)\?viewPanel=(\d+)(&var-department={{ \$labels.department }})?", alert.panel)
    assert found is not None
    [dashboard] = [d for d in DASHBOARDS.values() if d["uid"] == found[1]]
    [panel] = [panel for panel in panels(dashboard) if panel["id"] == int(found[2])]
    assert f"/public/runbooks/{alert.name}.md" in [link["url"] for link in panel["links"]]


def test_every_runbook_that_a_panel_links_to_is_served(dashboard: dict[str, Any]) -> None:
    mounts = dict(mount.split(":")[:2] for mount in compose()["services"]["grafana"]["volumes"])
    assert mounts["./docs/runbooks"] == "/usr/share/grafana/public/runbooks"
    for panel in panels(dashboard):
        for link in panel.get("links", []):
            assert (RUNBOOKS / link["url"].removeprefix("/public/runbooks/")).is_file(), panel["title"]


def test_a_department_that_is_looked_at_closer_is_found(dashboard: dict[str, Any]) -> None:
    to = {link["url"] for p in panels(dashboard) for link in p["fieldConfig"]["defaults"].get("links", [])}
    assert to <= {"/d/laksa-department?var-department=${__field.labels.department}"}


def test_grafana_finds_what_is_provisioned() -> None:
    grafana = compose()["services"]["grafana"]
    mounts = dict(mount.split(":")[:2] for mount in grafana["volumes"])
    [provider] = load_yaml(PROVISIONING / "dashboards" / "laksa.yml")["providers"]
    assert mounts["./deploy/grafana/dashboards"] == provider["options"]["path"]
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.removeprefix(f"{provider['options']['path']}/") in DASHBOARDS


def test_grafana_asks_the_prometheus_of_compose_at_its_own_pace() -> None:
    [source] = load_yaml(PROVISIONING / "datasources" / "prometheus.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    prometheus = load_yaml(DEPLOY / "prometheus" / "prometheus.yml")
    assert source["jsonData"]["timeInterval"] == prometheus["global"]["scrape_interval"]

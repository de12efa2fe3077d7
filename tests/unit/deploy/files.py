"""What deploy/ says, as Python values."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
RUNBOOKS = ROOT / "docs" / "runbooks"
SERVICES = ("intake", "router", "desk", "notifier")


@dataclass(frozen=True)
class Alert:
    """One alerting rule; its name alone may stand for two, of different severity."""

    name: str
    severity: str
    expr: str
    runbook: str
    panel: str

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.severity


def load_yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def compose() -> dict[str, Any]:
    return dict(load_yaml(ROOT / "docker-compose.yml"))


def image_environment() -> dict[str, str]:
    """The LAKSA_* variables that the image sets."""
    return dict(re.findall(r"(LAKSA_\w+)=(\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8")))


def rules() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
    return [rule for file in files for group in load_yaml(file)["groups"] for rule in group["rules"]]


def alerts() -> list[Alert]:
    return [
        Alert(
            rule["alert"],
            rule["labels"]["severity"],
            rule["expr"],
            rule["annotations"]["runbook"],
            rule["annotations"]["panel"],
        )
        for rule in rules()
        if "alert" in rule
    ]


def recorded() -> set[str]:
    """The names that recording rules give."""
    return {rule["record"] for rule in rules() if "record" in rule}


def dashboards() -> dict[str, Any]:
    """File name -> dashboard."""
    return {
        file.name: json.loads(file.read_text(encoding="utf-8"))
        for file in (DEPLOY / "grafana" / "dashboards").glob("*.json")
    }


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel that shows something, those inside collapsed rows included."""
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from panel.get("panels", [])


def panel_expressions() -> list[tuple[str, str]]:
    """(panel's title, PromQL with Grafana's variables) of every query of every dashboard."""
    return [
        (panel["title"], target["expr"])
        for dashboard in dashboards().values()
        for panel in panels(dashboard)
        for target in panel["targets"]
    ]


def with_values(expr: str, rate_interval: str = "10s", range_: str = "1m") -> str:
    """A panel's PromQL as Prometheus gets it, all departments chosen."""
    values = {"$__rate_interval": rate_interval, "$__range": range_, "$department": ".+"}
    for variable, value in values.items():
        expr = expr.replace(variable, value)
    return expr

"""Every query of every panel, put to a real Prometheus: what Grafana would show, without Grafana.

A panel that may have nothing to show says so to whoever looks, by `noValue`; every other one must show numbers.
"""

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.unit.deploy.files import panels, with_values
from tests.unit.deploy.promql import selectors


def ask(url: str, path: str, **parameters: str) -> Any:
    """Prometheus' answer; HTTPError when it refuses the question."""
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=30) as answer:
        return json.load(answer)["data"]


@dataclass(frozen=True)
class PanelRunner:
    """Asks the Prometheus at `url`, with these lengths for Grafana's variables."""

    url: str
    rate_interval: str = "10s"
    range: str = "1m"

    def faults(self, dashboards: Mapping[str, Any]) -> list[str]:
        """What is wrong with the dashboards (file name -> JSON), a line for each; empty when all is well."""
        known = set(ask(self.url, "label/__name__/values"))
        return [f"{name}: {fault}" for name, one in dashboards.items() for fault in self._of_dashboard(one, known)]

    def silent(self, dashboards: Mapping[str, Any]) -> set[str]:
        """The titles of panels some query of which finds nothing."""
        return {
            panel["title"]
            for dashboard in dashboards.values()
            for panel in panels(dashboard)
            if not all(self._numbers(target["expr"]) for target in panel["targets"])
        }

    def _of_dashboard(self, dashboard: Any, known: set[str]) -> Iterator[str]:
        shown = list(panels(dashboard))
        if not shown:
            yield "an empty dashboard"
        for panel in shown:
            if not panel.get("targets"):
                yield f"{panel['title']}: asks for nothing"
            for target in panel.get("targets", []):
                for fault in self._of_query(target["expr"], known, may_be_empty=_says_that_it_is_empty(panel)):
                    yield f"{panel['title']}: {fault}: {target['expr']}"

    def _of_query(self, expr: str, known: set[str], *, may_be_empty: bool) -> Iterator[str]:
        unknown = {selector.metric for selector in selectors(expr)} - known
        if unknown:
            yield f"no such metric: {', '.join(sorted(unknown))}"
        try:
            numbers = self._numbers(expr)
        except urllib.error.HTTPError as error:
            yield f"refused ({error.code})"
            return
        if not numbers and not may_be_empty:
            yield "finds nothing"
        if not all(map(math.isfinite, numbers)):
            yield "no number"

    def _numbers(self, expr: str) -> list[float]:
        query = with_values(expr, rate_interval=self.rate_interval, range_=self.range)
        return [float(series["value"][1]) for series in ask(self.url, "query", query=query)["result"]]


def _says_that_it_is_empty(panel: Any) -> bool:
    return bool(panel["fieldConfig"]["defaults"].get("noValue"))


def broken_dashboards() -> dict[str, Any]:
    """The control: one dashboard for each way to be broken, each with one fault."""
    exprs = {
        "unknown": "sum(laksa_complaints_invented_total) or vector(1)",
        "refused": "sum(rate(up[1m])",
        "nothing": "up > 2",
        "not a number": "0 * sum(up) / 0",
        "infinite": "sum(up) / 0",
    }
    return {
        "empty": {"panels": [{"type": "row", "panels": []}]},
        "asks nothing": {"panels": [_panel([])]},
        "excused, and the metric is gone": {"panels": [_panel(["laksa_complaints_invented_total"], "none")]},
        "excused, and no number": {"panels": [_panel(["0 * sum(up) / 0"], "none")]},
        **{name: {"panels": [_panel([expr])]} for name, expr in exprs.items()},
    }


def _panel(exprs: list[str], no_value: str = "") -> dict[str, Any]:
    return {
        "type": "stat",
        "title": "broken",
        "fieldConfig": {"defaults": {"noValue": no_value}},
        "targets": [{"expr": expr} for expr in exprs],
    }

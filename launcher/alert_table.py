"""The alerting rules as a page: what somebody is told of, when, and where to look."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_LABEL = re.compile(r"{{ \$labels\.(\w+) }}")
_VALUE = re.compile(r"{{.*?\$value.*?}}")
_COMMENTED = re.compile(r"((?:^ +# .*\n)+) +- alert: (\w+)\n", re.MULTILINE)


def alerts_page(note: str, project: Path) -> str:
    """The page, from the rule files of a clone."""
    files = sorted((project / "deploy" / "prometheus" / "rules").glob("*.yml"))
    return "\n".join(
        [
            f"<!-- {note} -->",
            "# Alerts",
            "",
            "From `deploy/prometheus/rules`, each with its runbook. `page`: somebody looks now. `ticket`: somebody",
            "looks today. *n* is the figure. Who is told is in `deploy/alertmanager/alertmanager.yml`.",
            "",
            "| alert | severity | holds for | says |",
            "|---|---|---|---|",
            *(_row(rule) for file in files for rule in _alerts(file)),
            "",
            "## When each fires",
            *(line for file in files for line in _conditions(file)),
            "",
        ]
    )


def _alerts(file: Path) -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load(file.read_text("utf-8"))["groups"]:
        yield from (rule for rule in group["rules"] if "alert" in rule)


def _row(rule: dict[str, Any]) -> str:
    summary = _VALUE.sub("*n*", _LABEL.sub(r"*\1*", rule["annotations"]["summary"]))
    link = f"[{rule['alert']}](runbooks/{rule['alert']}.md)"
    return f"| {link} | {rule['labels']['severity']} | {rule.get('for', 'at once')} | {summary} |"


def _conditions(file: Path) -> Iterator[str]:
    reasons = {
        alert: " ".join(line.strip().removeprefix("# ") for line in comment.splitlines())
        for comment, alert in _COMMENTED.findall(file.read_text("utf-8"))
    }
    for rule in _alerts(file):
        yield from ("", f"### {rule['alert']}, {rule['labels']['severity']}", "")
        if reason := reasons.pop(rule["alert"], None):
            yield from (reason, "")
        yield from ("```promql", rule["expr"].strip(), "```")

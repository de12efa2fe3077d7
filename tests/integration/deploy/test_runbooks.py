"""What a runbook page tells an operator to type works."""

import re
from pathlib import Path

import asyncpg
import pytest
from typer.main import get_command

from launcher.cli import app
from tests.unit.deploy.files import ROOT, RUNBOOKS, dashboards, panels

PAGES = sorted(RUNBOOKS.glob("*.md"))
STATEMENTS = [
    (page.stem, statement)
    for page in PAGES
    for statement in re.findall(r"^ *```sql\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize(("page", "statement"), STATEMENTS)
async def test_the_sql_runs(page: str, statement: str, dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.fetch(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_exist(page: Path) -> None:
    commands = get_command(app).list_commands(None)  # type: ignore[attr-defined]
    named = set(re.findall(r"`laksa ([a-z-]+)", page.read_text(encoding="utf-8")))
    assert named <= set(commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (RUNBOOKS / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_panels_that_are_named_are_on_the_dashboard(page: Path) -> None:
    titles = {panel["title"] for dashboard in dashboards().values() for panel in panels(dashboard)}
    assert set(re.findall(r'Grafana, "([^"]+)"', page.read_text(encoding="utf-8"))) <= titles


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_log_lines_that_are_quoted_are_written_by_the_services(page: Path) -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "shared").glob("*.py"))
    quoted = re.findall(r"`([A-Za-z]?[a-z]+(?: [A-Za-z]?[a-z;]+){2,})`", page.read_text(encoding="utf-8"))
    assert [line for line in quoted if line not in code and not line.startswith(("docker compose", "laksa "))] == []

"""The tree is the architecture: file names, sizes, and where SQL may stand."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, PROJECT, SERVICES, functions, named, python_files, shown, strings, tree

EVERY_SERVICE_HAS = {
    "__init__.py", "app.py", "settings.py", "handlers.py", "usecases.py", "store.py", "queries.sql", "migrations",
    "metrics.py",
}  # fmt: skip
A_SERVICE_MAY_HAVE = EVERY_SERVICE_HAS | {"api.py", "domain.py"}
ITS_OWN = {
    "intake": set(),
    "router": {"model", "training", "taxonomy", "registry.py", "succession.py", "challenger.py"},
    "desk": {
        "calendar.py", "sla.py", "lifecycle.py", "timers.py", "rulebook.py", "changes.py", "announcements.py",
        "figures.py", "records.py", "web",
    },
    "notifier": {"channels", "templates"},
}  # fmt: skip
HEAPS = {"utils", "helpers", "common", "base", "constants", "misc"}
SQL = re.compile(r"\b(?:SELECT|(?i:select\b.*\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from))\b", re.DOTALL)
LONGEST_FUNCTION, LONGEST_FILE = 50, 600


def entries(service: str) -> set[str]:
    return {entry.name for entry in (PROJECT / "services" / service).iterdir() if entry.name != "__pycache__"}


def statements(source: str) -> list[str]:
    return [text for text in strings(ast.parse(source)) if SQL.search(text)]


def test_there_are_four_services() -> None:
    folders = {entry.name for entry in (PROJECT / "services").iterdir() if entry.is_dir()}
    assert folders - {"__pycache__"} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_anatomy_that_all_have_and_no_file_that_none_knows(service: str) -> None:
    assert entries(service) >= EVERY_SERVICE_HAS, f"missing: {named(EVERY_SERVICE_HAS - entries(service))}"
    unknown = entries(service) - A_SERVICE_MAY_HAVE - ITS_OWN[service]
    assert not unknown, f"not in the list of file names: {named(unknown)}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_introduces_itself_with_its_topics(service: str) -> None:
    introduction = ast.get_docstring(tree(PROJECT / "services" / service / "__init__.py")) or ""
    for word in ("Consumes", "produces", "Owns"):
        assert word in introduction


def test_no_module_is_a_heap() -> None:
    modules = [*python_files(*PACKAGES, "tests", "bench"), *(PROJECT / "services").rglob("*.sql")]
    assert not [shown(file) for file in modules if HEAPS & {file.stem, *file.relative_to(PROJECT).parts}]


def test_no_statement_of_sql_stands_in_the_python_of_a_service() -> None:
    found = {shown(file): statements(file.read_text("utf-8")) for file in python_files("services")}
    assert not {file: texts for file, texts in found.items() if texts}


@pytest.mark.parametrize(
    "source",
    [
        'x = "SELECT version FROM tickets"',
        'x = f"update {table} set version = 1"',
        'connection.execute("""\n  INSERT INTO outbox VALUES (1)""")',
        'x = "DELETE FROM outbox"',
    ],
)
def test_a_statement_of_sql_would_be_found(source: str) -> None:
    assert statements(source)


def test_words_about_sql_are_no_statement_of_sql() -> None:
    assert not statements('"""Select the oldest; SELECT x FROM y."""\nx = "please select a file"')


@pytest.mark.parametrize("file", python_files(*PACKAGES, "tests", "bench"), ids=shown)
def test_a_file_and_its_functions_fit_into_a_readers_head(file: Path) -> None:
    module = tree(file)
    long = {
        f.name: lines for f in functions(module) if (lines := (f.end_lineno or 0) - f.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long, f"functions over {LONGEST_FUNCTION} lines: {long}"
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST_FILE


def test_ddl_stands_in_migrations_only() -> None:
    queries = [*(PROJECT / "services").rglob("queries.sql"), PROJECT / "shared" / "queries.sql"]
    assert len(queries) == 5
    for file in queries:
        assert not re.search(r"\b(CREATE|ALTER|DROP|TRUNCATE)\b", file.read_text("utf-8")), shown(file)

"""Named queries and the rows given to them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from shared.queries import load, rows


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A package of the test's own with the SQL that the test is parametrised with."""
    name = f"queries_of_{request.node.name.split('[')[0]}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "queries.sql").write_text(request.param, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


@pytest.mark.parametrize(
    "package",
    ["-- name: one\n-- The first.\nSELECT 1;\n\n-- name: two\nSELECT 'café'\n  -- name: not a heading\n;\n"],
    indirect=True,
)
def test_each_query_is_found_by_its_name(package: str) -> None:
    assert load(package) == {
        "one": "-- The first.\nSELECT 1;",
        "two": "SELECT 'café'\n  -- name: not a heading\n;",
    }


@pytest.mark.parametrize("package", ["-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;\n"], indirect=True)
def test_a_name_used_twice_is_refused(package: str) -> None:
    with pytest.raises(ValueError, match="twice"):
        load(package)


@pytest.mark.parametrize("service", ["shared", "services.intake"])
def test_every_query_begins_with_a_sentence_of_intent(service: str) -> None:
    for name, sql in load(service).items():
        assert sql.startswith("-- "), name


def test_rows_carry_ids_times_and_any_text() -> None:
    made = json.loads(
        rows([{"id": UUID(int=1), "at": datetime(2026, 11, 24, tzinfo=UTC), "text": "😀\n", "none": None}])
    )
    assert made == [
        {"id": "00000000-0000-0000-0000-000000000001", "at": "2026-11-24T00:00:00+00:00", "text": "😀\n", "none": None}
    ]

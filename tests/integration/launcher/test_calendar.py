"""`laksa calendar`: what people enter is what the desk works by, and what makes no sense is refused in words."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

Laksa = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def laksa(dsn: str) -> Laksa:
    """Runs `laksa calendar` on a database of the test's own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "launcher.cli", "calendar", *arguments],
            env=os.environ | {"LAKSA_POSTGRES_DSN": dsn}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_a_day_is_entered_shown_and_taken_back(laksa: Laksa) -> None:
    assert laksa("add", "2026-12-09", "Pilkada", "--source", "Keppres").returncode == 0
    assert laksa("add", "2026-12-12", "Piket", "--hours", "08:00-12:00").returncode == 0
    shown = json.loads(laksa("show", "--year", "2026", "--json").stdout)
    entered = [(day["day"], day["kind"], day["hours"]) for day in shown["days"] if day["kind"] in ("closed", "open")]
    assert entered == [("2026-12-09", "closed", None), ("2026-12-12", "open", "08:00-12:00")]
    assert shown["covers_until"] == "2027-12-31"
    assert laksa("remove", "2026-12-09").returncode == 0
    assert laksa("remove", "2026-12-09").returncode == 1


def test_days_off_come_from_the_library_and_nothing_changes_when_they_are_known(laksa: Laksa) -> None:
    assert "25 days off, 0 entered or changed, 0 removed, 0 uncertain" in laksa("import", "2026").stdout
    imported = laksa("import", "2028").stdout
    assert "17 days off, 17 entered or changed" in imported
    assert "does not know the collective leave of 2028" in imported


def test_uncertain_days_are_marked(laksa: Laksa) -> None:
    shown = laksa("show", "--year", "2027").stdout
    assert "2027-03-10  holiday          Hari Raya Idul Fitri  UNCERTAIN" in shown
    assert "Ramadan 2027-02-08 to 2027-03-09  UNCERTAIN" in shown


def test_a_department_is_given_hours_of_its_own(laksa: Laksa) -> None:
    assert laksa("week", "shifts", *["06:00-22:00"] * 6, "", "--no-days-off").returncode == 0
    assert laksa("give", "DISHUB", "shifts").returncode == 0
    assert "calendar shifts: DISHUB" in laksa("show").stdout


def test_open_deadlines_are_brought_up_to_date_on_command(laksa: Laksa) -> None:
    assert laksa("recompute").stdout == "0 tickets looked at\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "2026-12-09", "x", "--hours", "8-12"), "no time of day like 07:30"),
        (("add", "2026-12-09", "x", "--calendar", "mars"), "no calendar 'mars'"),
        (("give", "DINAS", "city"), "no department 'DINAS'"),
        (("give", "DLH", "mars"), "no calendar 'mars'"),
        (("week", "never", *[""] * 7), "without working time"),
        (("week", "short", "08:00-12:00"), "seven days"),
        (("week", "Big Name", *["08:00-12:00"] * 7), "The database refused it"),
        (("ramadan", "2027-02-08", "2027-04-09"), "29 or 30 days"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(laksa: Laksa, arguments: tuple[str, ...], words: str) -> None:
    ended = laksa(*arguments)
    assert ended.returncode == 1
    assert words in ended.stderr


def test_a_command_without_a_database_says_what_to_do(laksa: Laksa, tmp_path: object) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "launcher.cli", "calendar", "show"],
        env={k: v for k, v in os.environ.items() if not k.startswith("LAKSA_")} | {"LAKSA_STATE_DIR": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "laksa up" in ended.stderr

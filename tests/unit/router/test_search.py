"""Settings are compared on texts that they have not seen, and the report shows the comparison."""

import pytest

from services.router.taxonomy.tables import load_topics
from services.router.training.fit import Example, Fitted, Settings, Sources
from services.router.training.report import reliability, report_lines
from services.router.training.search import Tried, search
from tests.unit.router.conftest import TODAY

SHIPPED = Settings(max_words=2_000, max_chars=2_000)


@pytest.fixture(scope="module")
def tried(examples: list[Example]) -> list[Tried]:
    sources = Sources(tuple(examples[::3]), load_topics("tangerang", TODAY), ())
    return search(sources, SHIPPED, seed=1, candidates=2)


def test_the_shipped_settings_are_among_those_compared(tried: list[Tried]) -> None:
    assert [one.settings for one in tried if one.shipped] == [SHIPPED]
    assert len({one.settings for one in tried}) == 3


def test_the_best_comes_first_and_none_is_perfect(tried: list[Tried]) -> None:
    scores = [one.scores.macro_f1 for one in tried]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) < 0.98


def test_the_same_seed_draws_the_same_settings(examples: list[Example], tried: list[Tried]) -> None:
    sources = Sources(tuple(examples[::3]), load_topics("tangerang", TODAY), ())
    assert search(sources, SHIPPED, seed=1, candidates=2) == tried


def test_confidence_and_truth_are_counted_over_all_held_out_texts(fitted: Fitted) -> None:
    bins = reliability(fitted.answered)
    assert sum(one.texts for one in bins) == fitted.manifest.scores["rows"]
    assert all(0 <= one.right <= 1 and 0 < one.confidence <= 1 for one in bins)


def test_the_report_shows_settings_calibration_and_each_departments_threshold(
    fitted: Fitted, tried: list[Tried]
) -> None:
    report = "\n".join(report_lines(fitted, tried))
    assert " * " in report
    assert "steepness" in report
    assert all(code in report for code in fitted.manifest.departments)
    assert "wanted precision 0.9" in report

"""Alerts and dashboards speak of metrics that exist, and of all of them; their labels are closed sets."""

import re
from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from launcher.ticket_tables import seeded_promises
from services.desk.domain import CLOCKS
from services.desk.metrics import TIME_BOUNDS
from shared.events.departments import DEPARTMENTS, REVIEW
from tests.unit.deploy.exposition import expositions
from tests.unit.deploy.files import panel_expressions, recorded, rules, with_values
from tests.unit.deploy.promql import Selector, grouping_labels, selectors

RULE_EXPRESSIONS = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()]
EXPRESSIONS = RULE_EXPRESSIONS + [(title, with_values(expr)) for title, expr in panel_expressions()]

MOST_SERIES = 5_000
CLOSED_SETS = {"department": {*DEPARTMENTS, REVIEW}, "clock": set(CLOCKS)}


def family(metric: str) -> str:
    """A counter's or a histogram's name without what its series add to it."""
    return re.sub("_(total|bucket|count|sum)$", "", metric)


def unknown(expr: str, samples: Iterable[Sample]) -> list[Selector]:
    """The selectors to which no series of the services and no recording rule answers."""
    return [
        selector
        for selector in selectors(expr)
        if selector.metric not in recorded()
        and not any(selector.matches(sample.name, sample.labels) for sample in samples)
    ]


@pytest.mark.parametrize(("name", "expr"), EXPRESSIONS)
def test_every_selector_finds_a_series(name: str, expr: str, samples: list[Sample]) -> None:
    assert unknown(expr, samples) == [], name


@pytest.mark.parametrize(("name", "expr"), EXPRESSIONS)
def test_every_label_that_is_grouped_by_exists(name: str, expr: str, samples: list[Sample]) -> None:
    assert grouping_labels(expr) <= {label for sample in samples for label in sample.labels}, name


def test_every_metric_is_shown_or_watched(samples: list[Sample]) -> None:
    """A figure that nobody looks at is left out of the code, or put on the dashboard."""
    read = {family(selector.metric) for _, expr in EXPRESSIONS for selector in selectors(expr)}
    assert {family(sample.name) for sample in samples} - read == set()


def test_a_service_shows_few_series_and_all_of_them_from_the_start() -> None:
    """Labels are closed sets whose every member is there at nought, so this many stay this many."""
    for service, text in expositions().items():
        shown = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        assert 0 < len(shown) < MOST_SERIES, service
        assert len({(sample.name, *sorted(sample.labels.items())) for sample in shown}) == len(shown), service


def test_departments_and_clocks_are_those_that_there_are(samples: list[Sample]) -> None:
    for sample in samples:
        for label, allowed in CLOSED_SETS.items():
            assert sample.labels.get(label, next(iter(allowed))) in allowed, sample


def test_every_limit_that_is_promised_is_a_bucket_bound() -> None:
    assert {seed.seconds for seed in seeded_promises()} <= set(TIME_BOUNDS)


@pytest.mark.parametrize(
    "expr",
    [
        "rate(laksa_complaints_invented_total[5m])",
        'sum by (stage) (rate(laksa_pipeline_latency_seconds_bucket{stage="opend"}[5m]))',
        'laksa_pipeline_latency_seconds_bucket{stage="opened", le="60"}',
        "laksa_tickets_open{departement=~'.+'}",
        "up == 1 and absent(up{job='intke'})",
        "1 - stage:laksa_pipeline_late:ratio_rate2h > 0.5",
    ],
)
def test_an_invented_metric_label_or_value_is_caught(expr: str, samples: list[Sample]) -> None:
    assert len(unknown(expr, samples)) == 1


def test_an_expression_is_read_as_prometheus_reads_it() -> None:
    """Functions, keywords, ranges and groupings are no metrics; braces and quotes inside values end nothing."""
    expr = """histogram_quantile(0.9, sum by (le) (rate(a_bucket{x=~"b}|\\"c", y!='d'}[5m] offset 1d)))
              > ignoring (clock) group_left 0.1 * e and on () hour() >= 3"""
    assert list(selectors(expr)) == [
        Selector("a_bucket", (("x", "=~", 'b}|\\"c'), ("y", "!=", "d"))),
        Selector("e", ()),
    ]
    assert grouping_labels(expr) == {"le", "clock"}

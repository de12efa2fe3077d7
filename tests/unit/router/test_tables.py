"""Who does what is data: each city's table names departments that exist, for every day since it began."""

from datetime import date

import pytest

from services.router.taxonomy.tables import (
    TaxonomyError,
    TopicRule,
    UnknownCity,
    cities,
    load_departments,
    load_rules,
    load_topics,
)
from services.router.training.dataset import load_corpus

TODAY = date(2026, 11, 24)


def test_there_are_twenty_two_departments_with_names() -> None:
    departments = load_departments()
    assert len({department.code for department in departments}) == 22
    assert all(department.name for department in departments)


def test_three_cities_have_a_table() -> None:
    assert cities() == ("kab_bandung", "surabaya", "tangerang")


@pytest.mark.parametrize("city", cities())
def test_every_topic_of_the_corpus_has_a_department_in_every_city(city: str) -> None:
    topics = {row.topic for row in load_corpus()}
    assert topics == set(load_topics(city, TODAY).department_of)


@pytest.mark.parametrize("city", cities())
def test_every_topic_belongs_to_a_department_that_exists(city: str) -> None:
    codes = {department.code for department in load_departments()}
    assert {rule.department for rule in load_rules(city)} <= codes


def test_a_corpus_file_holds_the_topics_of_its_department_in_tangerang() -> None:
    owners = load_topics("tangerang", TODAY).department_of
    assert [row for row in load_corpus() if owners[row.topic] != row.department] == []


def test_trees_belong_to_different_departments_in_different_cities() -> None:
    owners = {city: load_topics(city, TODAY).department_of["pohon tumbang"] for city in ("tangerang", "surabaya")}
    assert owners == {"tangerang": "DISBUDPAR", "surabaya": "DLH"}


def test_a_rule_holds_from_its_first_to_its_last_day() -> None:
    rule = TopicRule("pohon tumbang", "DLH", date(2020, 1, 1), date(2024, 12, 31))
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    assert [rule.holds_on(day) for day in days] == [False, True, True, False]


def test_street_lights_of_surabaya_moved_to_another_department() -> None:
    """Until the end of 2021 the department of cleanliness and green space had them."""
    before, after = load_topics("surabaya", date(2021, 12, 31)), load_topics("surabaya", TODAY)
    assert (before.department_of["pju padam"], after.department_of["pju padam"]) == ("DLH", "DISHUB")


def test_an_unknown_city_is_refused_with_the_names_of_the_known_ones() -> None:
    with pytest.raises(UnknownCity, match="tangerang"):
        load_topics("atlantis", TODAY)


def test_a_day_before_the_table_began_has_no_topics() -> None:
    assert load_topics("tangerang", date(1999, 1, 1)).department_of == {}


def test_an_unknown_city_is_an_error_of_the_taxonomy() -> None:
    assert issubclass(UnknownCity, TaxonomyError)

"""A text gets an answer that is calibrated, explained and reproducible, whatever the text is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.router.model.classifier import Classifier, Routing, load_city
from services.router.taxonomy.tables import TaxonomyError
from tests.unit.router.conftest import DEPARTMENTS, TODAY

LAMP = "Lampu jalan di depan sekolah mati sudah seminggu, mohon diperbaiki"
HOSTILE = [
    "",
    " \n\t ",
    "😀😭🔥",
    "\ud83d",
    "مرحبا، الطريق مكسور",
    "请修理路灯谢谢",
    "‮itam ulpmal‬",
    "<script>alert(1)</script>",
    "&lt;b&gt;",
    "a" * 5_000,
    "x y " * 1_250,
    "z1 " * 1_600,
    "\x00\x07",
    "0" * 5_000,
]


def test_a_plain_complaint_goes_to_the_department_that_owns_its_topic(classifier: Classifier) -> None:
    routing = classifier.classify([LAMP])[0]
    assert (routing.department, routing.topic, routing.complaint_class) == ("DISHUB", "pju padam", "complaint")


def test_the_same_complaint_goes_elsewhere_in_a_city_with_another_table(model_file: Path) -> None:
    text = "pohon tumbang menutup jalan"
    cities = {city: Classifier.load(model_file, city=city, on=TODAY) for city in ("tangerang", "surabaya")}
    answers = {city: one.classify([text])[0].department for city, one in cities.items()}
    assert answers == {"tangerang": "DISBUDPAR", "surabaya": "DLH"}


def test_the_three_alternatives_are_the_most_probable_departments_best_first(classifier: Classifier) -> None:
    routing = classifier.classify([LAMP])[0]
    probabilities = [one.probability for one in routing.alternatives]
    assert len({one.department for one in routing.alternatives}) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert (routing.department, routing.confidence) == (routing.alternatives[0].department, probabilities[0])


def test_probabilities_of_all_departments_sum_to_one(classifier: Classifier) -> None:
    probabilities = classifier.probabilities([LAMP, *HOSTILE])
    assert set(classifier.departments) == DEPARTMENTS
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_the_reasons_are_words_of_the_text_strongest_first(classifier: Classifier) -> None:
    why = classifier.classify([LAMP])[0].why
    weights = [term.weight for term in why]
    assert why[0].term in {"lampu", "lampu jalan", "mati"}
    assert 0 < len(why) <= 5
    assert weights == sorted(weights, reverse=True)


def test_the_reasons_of_one_text_do_not_leak_into_the_next(classifier: Classifier) -> None:
    """A text without known words sits between two others; its own reasons are none."""
    together = classifier.classify([LAMP, "", "air pdam mati"])
    alone = [classifier.classify([text])[0] for text in (LAMP, "", "air pdam mati")]
    assert [one.why for one in together] == [one.why for one in alone]
    assert together[1].why == ()


def test_a_batch_gives_the_answers_that_single_texts_get(classifier: Classifier) -> None:
    texts = [LAMP, "sampah menumpuk di pinggir kali", *HOSTILE]
    batch, singles = classifier.classify(texts), [classifier.classify([text])[0] for text in texts]
    assert [one.department for one in batch] == [one.department for one in singles]
    np.testing.assert_allclose([one.confidence for one in batch], [one.confidence for one in singles], rtol=1e-5)


def test_no_texts_give_no_answers(classifier: Classifier) -> None:
    assert classifier.classify([]) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_says_nothing_is_left_to_a_person(classifier: Classifier, text: str) -> None:
    routing = classifier.classify([text])[0]
    assert routing.decision == "review"
    assert routing.confidence < 0.5


@given(st.lists(st.text(max_size=300), max_size=5))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_gets_an_answer(classifier: Classifier, texts: list[str]) -> None:
    answers = classifier.classify(texts)
    assert [type(one) for one in answers] == [Routing] * len(texts)
    assert all(0 <= one.confidence <= 1 for one in answers)


def test_a_department_is_automatic_from_its_threshold_and_not_below(classifier: Classifier) -> None:
    confidence = classifier.classify([LAMP])[0].confidence
    decisions = []
    for threshold in (confidence, confidence + 1e-6):
        manifest = replace(classifier.manifest, thresholds={"DISHUB": threshold})
        stricter = Classifier(classifier.weights, manifest, load_city(on=TODAY))
        decisions.append(stricter.classify([LAMP])[0].decision)
    assert decisions == ["auto", "review"]


def test_a_department_without_a_threshold_is_never_automatic(classifier: Classifier) -> None:
    manifest = replace(classifier.manifest, thresholds={})
    shy = Classifier(classifier.weights, manifest, load_city(on=TODAY))
    assert {one.decision for one in shy.classify([LAMP, "pohon tumbang"])} == {"review"}


def test_a_city_without_the_models_topics_is_refused(classifier: Classifier) -> None:
    city = load_city(on=TODAY)
    empty = replace(city, table=replace(city.table, department_of={}))
    with pytest.raises(TaxonomyError, match="no department"):
        Classifier(classifier.weights, classifier.manifest, empty)


@pytest.mark.parametrize("text", ["tolong ya pak", "mohon bantuan", "selamat pagi pak wali kota", "min"])
def test_a_text_that_does_not_say_what_the_matter_is_goes_to_a_person(classifier: Classifier, text: str) -> None:
    [routing] = classifier.classify([text])
    assert routing.decision == "review"

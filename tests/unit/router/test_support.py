"""A second department supports when a clause of its own says so, not because the first is unclear."""

import numpy as np
import pytest

from services.router.model.classifier import Classifier
from services.router.model.support import clauses, supporting


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("lampu jalan mati, got di depan mampet", ["lampu jalan mati", "got di depan mampet"]),
        ("lampu jalan mati dan got di depan mampet", ["lampu jalan mati ", " got di depan mampet"]),
        ("lampu jalan mati sudah seminggu", []),
        ("halo, lampu jalan mati, tolong", []),
        ("", []),
    ],
)
def test_a_text_falls_into_clauses_of_three_words_or_more(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


def test_a_department_supports_when_the_text_makes_it_likely_and_a_clause_is_clearly_its_own() -> None:
    whole = np.array([[0.6, 0.3, 0.1]])
    alone = {"satu dua tiga": [0.9, 0.1, 0.0], " empat lima enam": [0.1, 0.9, 0.0]}

    def read(texts: object) -> np.ndarray:
        return np.array([alone[part] for part in alone])

    text = ",".join(alone)
    assert supporting(["satu dua tiga dan empat lima enam"], whole, read, but=[]) == [(1,)]
    assert supporting(["satu dua tiga dan empat lima enam"], whole, read, but=[1]) == [()]
    assert supporting([text], np.array([[0.8, 0.1, 0.1]]), read, but=[]) == [()]


def test_an_unclear_text_of_one_problem_has_no_supporting_department(classifier: Classifier) -> None:
    answers = classifier.classify(["mohon ditindak", "ada masalah di jalan dekat taman", "lampu jalan mati"])
    assert [one.supporting_departments for one in answers] == [(), (), ()]


def test_two_problems_of_two_departments_have_a_first_and_a_supporting_one(classifier: Classifier) -> None:
    text = "lampu jalan mati, sampah menumpuk di pinggir jalan"
    routing = classifier.classify([text])[0]
    assert {routing.department, *routing.supporting_departments} == {"DISHUB", "DLH"}
    assert routing.department not in routing.supporting_departments

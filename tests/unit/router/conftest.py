"""A small real model, trained once: six departments of the authored corpus."""

from datetime import date
from pathlib import Path

import pytest

from services.router.model.classifier import Classifier
from services.router.taxonomy.tables import load_topics
from services.router.training.fit import Example, Fitted, Settings, authored_examples, fit_examples

DEPARTMENTS = {"DISHUB", "PUPR", "DLH", "DISBUDPAR", "DISDUKCAPIL", "PDAM"}
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    every = authored_examples(load_topics("tangerang", TODAY), keyword_weight=0.5)
    return [example for example in every if example.department in DEPARTMENTS]


@pytest.fixture(scope="session")
def fitted(examples: list[Example]) -> Fitted:
    return fit_examples(examples, load_topics("tangerang", TODAY), Settings(max_words=4_000, max_chars=6_000))


@pytest.fixture(scope="session")
def model_file(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "small.skops"
    fitted.save(path)
    return path


@pytest.fixture(scope="session")
def classifier(model_file: Path) -> Classifier:
    return Classifier.load(model_file, on=TODAY)

"""Training is deterministic, and what it says about itself comes from texts it had not seen."""

import csv
from pathlib import Path

import numpy as np
import pytest

from services.router.model.classifier import Classifier
from services.router.model.features import Features
from services.router.model.text import Normaliser
from services.router.taxonomy.tables import load_topics
from services.router.training.calibration import fit_thresholds, lowest_threshold
from services.router.training.dataset import DatasetError, load_labelled, load_texts
from services.router.training.evaluate import Answers, calibration_error, evaluate
from services.router.training.fit import Example, Fitted, Settings, fit_examples, fit_model, train
from services.router.training.heads import RidgeHead
from tests.unit.router.conftest import DEPARTMENTS, TODAY

LABELLED = [
    *((f"lampu jalan mati di gang mawar {n}", "DISHUB") for n in range(30)),
    *((f"sampah menumpuk di pasar {n} bau sekali", "DLH") for n in range(30)),
]


def write(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    return write(tmp_path / "city.csv", ("text", "department"), [(text, code) for text, code in LABELLED])


def test_the_same_texts_give_the_same_model(examples: list[Example], fitted: Fitted) -> None:
    again = fit_examples(examples, load_topics("tangerang", TODAY), Settings(max_words=4_000, max_chars=6_000))
    assert again.manifest.model_version == fitted.manifest.model_version
    assert again.manifest.thresholds == fitted.manifest.thresholds


def test_held_out_scores_are_those_of_a_head_fitted_without_the_fold(examples: list[Example]) -> None:
    """Intercepts apart, which both take from all rows: the closed form equals fitting anew."""
    chosen = [example for example in examples if example.fold][::4]
    documents = [Normaliser({}).words(example.text) for example in chosen]
    matrix = Features.fit(documents, max_words=2_000, max_chars=2_000).transform(documents)
    labels, weights = [example.department for example in chosen], np.ones(len(chosen))
    out = np.flatnonzero(np.array([example.fold for example in chosen]) == "sms")
    inside = np.setdiff1d(np.arange(len(chosen)), out)
    held_out = RidgeHead(matrix, labels, weights, 1.0).held_out([out])[out]
    again = (
        RidgeHead(matrix[inside], [labels[row] for row in inside], weights[inside], 1.0).fitted().scores(matrix[out])
    )
    np.testing.assert_allclose(held_out, again, atol=0.05)
    assert (held_out.argmax(axis=1) == again.argmax(axis=1)).mean() > 0.97


def test_a_citys_own_labels_alone_train_a_model(labelled: Path, tmp_path: Path) -> None:
    manifest = train([labelled], authored=False, out=tmp_path / "city.skops")
    routing = Classifier.load(tmp_path / "city.skops").classify(["lampu jalan mati lagi"])[0]
    assert (routing.department, routing.topic, manifest.rows["authored"]) == ("DISHUB", None, 0)
    assert routing.why[0].term in {"lampu", "jalan", "mati"}
    assert manifest.model_version.startswith("local-")


def test_texts_that_are_all_easy_make_no_answer_certain(labelled: Path, tmp_path: Path) -> None:
    """Sixty separable rows say little about what a person decides on the next one."""
    manifest = train([labelled], authored=False, out=tmp_path / "city.skops")
    classifier = Classifier.load(tmp_path / "city.skops")
    assert classifier.probabilities(["lampu jalan mati di gang mawar"]).max() < 0.99
    assert manifest.calibration.disagreement > 0.005


@pytest.mark.parametrize(
    "text",
    [
        "",
        "asdf qwer zxcv",
        "😀🔥",
        "The streetlight in front of our house is broken, please repair it",
        "<b>&nbsp;</b>",
        "مرحبا الطريق مكسور",
        "x" * 5_000,
    ],
)
def test_a_model_of_few_easy_rows_leaves_unknown_words_to_a_person(labelled: Path, tmp_path: Path, text: str) -> None:
    train([labelled], authored=False, out=tmp_path / "city.skops")
    routing = Classifier.load(tmp_path / "city.skops").classify([text])[0]
    assert (routing.decision, routing.confidence, routing.why) == ("review", 0.5, ())


def test_a_city_without_enough_labels_cannot_ask_for_more_precision(labelled: Path) -> None:
    with pytest.raises(DatasetError, match="needs 200 labelled rows"):
        fit_model([labelled], authored=False, settings=Settings(precision=0.95))


def test_two_hundred_local_labels_raise_the_wanted_precision(tmp_path: Path) -> None:
    rows = [(f"{text} nomor {copy}", code) for text, code in LABELLED for copy in range(4)]
    many = write(tmp_path / "many.csv", ("text", "department"), rows)
    wanted = [
        fit_model([many], authored=False, settings=one).manifest.precision for one in (None, Settings(precision=0.8))
    ]
    assert wanted == [0.95, 0.8]


def test_a_change_of_thresholds_is_another_model_version(examples: list[Example]) -> None:
    table = load_topics("tangerang", TODAY)
    some, versions = examples[::3], set()
    for precision in (0.7, 0.9):
        settings = Settings(max_words=1_000, max_chars=1_000, precision=precision)
        versions.add(fit_examples(some, table, settings).manifest.model_version)
    assert len(versions) == 2


def test_nothing_to_learn_from_is_said_so() -> None:
    with pytest.raises(DatasetError, match="nothing to learn from"):
        fit_model((), authored=False)


def test_scores_are_below_certainty_since_they_are_held_out(fitted: Fitted) -> None:
    assert 0.6 < fitted.manifest.scores["accuracy"] < 0.99
    assert fitted.manifest.scores["precision"] >= 0.9
    assert set(fitted.manifest.thresholds) <= DEPARTMENTS


def test_the_lowest_threshold_keeps_the_wanted_precision() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, True])
    assert lowest_threshold(confidence, right, 0.75) == 0.6
    assert lowest_threshold(confidence, right, 0.9) == 0.8
    assert lowest_threshold(confidence, ~right, 0.9) is None


def test_a_department_with_few_answers_takes_the_threshold_of_all_together() -> None:
    probabilities = np.array([[0.9, 0.1]] * 20 + [[0.3, 0.7]])
    labels = ["DLH"] * 20 + ["PDAM"]
    found = fit_thresholds(("DLH", "PDAM"), probabilities, labels, precision=0.9)
    assert {code: round(one.confidence, 2) for code, one in found.items()} == {"DLH": 0.9, "PDAM": 0.7}
    assert (found["DLH"].coverage, found["DLH"].precision) == (1.0, 1.0)


def test_an_evaluation_counts_territory_in_and_out() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]])
    departments = ("DLH", "PUPR", "WILAYAH")
    answers = Answers.of_probabilities(departments, probabilities, {"DLH": 0.55})
    result = evaluate(answers, ["DLH", "WILAYAH", "PUPR", "PUPR"])
    assert (result.all.accuracy, result.without_territory.accuracy) == (0.5, 0.6667)
    assert (result.all.coverage, result.all.precision) == (0.5, 0.5)
    assert result.all.top3 == 1.0
    assert result.departments["WILAYAH"].recall == 0.0
    assert result.departments["WILAYAH"].precision is None


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    right = np.array([True] * 3 + [False])
    assert calibration_error(np.full(4, 0.75), right) == pytest.approx(0.0)
    assert calibration_error(np.full(4, 0.95), right) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"teks,department\nhalo,DLH\n", "no column text"),
        (b"text,department\nhalo,DINAS APA\n", "row 1: no such department"),
        (b"text,department\n\xff\xfe,DLH\n", "not UTF-8"),
        (b'text,department\n"' + b"a" * 1_100_000 + b'",DLH\n', "field larger"),
    ],
)
def test_an_unusable_csv_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=reason):
        load_labelled(path, ["DLH"])


def test_rows_without_a_department_are_skipped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "some.csv", ("id", "text", "department"), [("1", "satu", "DLH"), ("2", "dua", "")])
    loaded = load_labelled(path, ["DLH"])
    assert ([row.text for row in loaded.rows], loaded.skipped) == (["satu"], 1)


def test_texts_that_look_like_missing_values_stay_texts(tmp_path: Path) -> None:
    path = write(tmp_path / "texts.csv", ("text",), [("NA",), ("null",), ("",), ('dua\nbaris, "kutip"',)])
    assert load_texts(path) == ["NA", "null", "", 'dua\nbaris, "kutip"']

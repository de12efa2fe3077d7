"""Folders of labelled complaints, the corrections curve, the model card and the speed table say what they measured."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from services.router.model.artifact import load_manifest, manifest_path
from services.router.model.classifier import Classifier
from services.router.training import card, folder
from services.router.training.card import Interval, department_rows, elsewhere_table, render
from services.router.training.commands import as_json_values
from services.router.training.curve import LEAST_SURE, RANDOM, orders
from services.router.training.dataset import DatasetError, LabelledRow
from services.router.training.fit import Answered, Fitted
from services.router.training.folder import city_of, measure_folder, table
from services.router.training.plots import draw_calibration, draw_confusion, draw_curve
from services.router.training.report import Bin, reliability
from services.router.training.speed import distinct_texts, measure

LARGEST_PICTURE = 150_000
PNG = b"\x89PNG"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = "text,department\nlampu jalan mati,DISHUB\npohon tumbang menutup jalan,DLH\nsurat pengantar RT,WILAYAH\n"
    (tmp_path / "surabaya_some_dev.csv").write_text(rows)
    (tmp_path / "kabbandung_dev.csv").write_text("text,department\njalan berlubang,PUPR\n")
    (tmp_path / "elsewhere_dev.csv").write_text("text,department\njalan berlubang,PUPR\n")
    (tmp_path / "surabaya_train.csv").write_text("not a table of labels\n")
    return tmp_path


def test_every_labelled_file_is_measured_under_its_own_citys_table_and_all_together(
    labelled: Path, model_file: Path
) -> None:
    measured = {one.name: one for one in measure_folder(labelled, model_file)}
    assert {name: one.city for name, one in measured.items()} == {
        "kabbandung_dev": "kab_bandung",
        "surabaya_some_dev": "surabaya",
        "all files": "",
    }
    assert measured["all files"].result.all.rows == 4
    assert measured["surabaya_some_dev"].result.departments["DLH"].recall == 1.0


def test_the_table_has_a_line_with_and_one_without_territory_for_each(labelled: Path, model_file: Path) -> None:
    lines = list(table(measure_folder(labelled, model_file)))
    assert len(lines) == 2 + 2 * 3
    assert {line.count("|") for line in lines} == {10}


@pytest.mark.parametrize(
    ("name", "city"), [("surabaya_dev.csv", "surabaya"), ("kabbandung_x_dev.csv", "kab_bandung"), ("x_dev.csv", None)]
)
def test_a_files_name_begins_with_its_city(name: str, city: str | None) -> None:
    assert city_of(Path(name)) == city


def test_a_folder_without_labels_is_refused_with_the_names_of_the_cities(tmp_path: Path, model_file: Path) -> None:
    with pytest.raises(DatasetError, match="surabaya"):
        measure_folder(tmp_path, model_file)


def test_corrections_come_at_random_or_least_sure_first() -> None:
    rows = [LabelledRow(str(number), "DLH") for number in range(4)]
    found = orders(rows, [0.9, 0.1, 0.5, 0.3])
    assert found[LEAST_SURE] == [1, 3, 2, 0]
    assert sorted(found[RANDOM]) == [0, 1, 2, 3]
    assert orders(rows, [0.9, 0.1, 0.5, 0.3]) == found


def test_an_interval_holds_its_value_and_narrows_with_more_texts() -> None:
    def widths(copies: int) -> float:
        probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]] * copies)
        rows = department_rows(Answered(("DLH", "PUPR"), probabilities, ("DLH", "PUPR", "PUPR", "DLH") * copies))
        assert all(one.recall.low <= one.recall.value <= one.recall.high for one in rows)
        return rows[1].recall.high - rows[1].recall.low

    assert widths(50) < widths(5)


def test_an_interval_reads_as_a_share_with_its_bounds() -> None:
    assert str(Interval(0.5, 0.25, 0.75)) == "0.50 (0.25 to 0.75)"


def test_the_card_names_the_model_its_departments_and_its_failures(fitted: Fitted) -> None:
    page = render(fitted, card.NOT_MEASURED)
    assert fitted.manifest.model_version in page
    assert all(f"| {code} |" in page for code in fitted.manifest.departments)
    assert "## Known failures" in page
    assert "$" not in page


def test_figures_from_elsewhere_are_those_of_the_evaluation(labelled: Path, model_file: Path) -> None:
    result = measure_folder(labelled, model_file)[-1]
    page = elsewhere_table({result.name: as_json_values(result.result)})
    assert f"| all files | 4 | {result.result.all.accuracy:.3f} |" in page
    assert "without WILAYAH" in page


def test_the_command_prints_the_table_and_writes_the_same_figures(
    labelled: Path, model_file: Path, tmp_path: Path
) -> None:
    import typer

    app = typer.Typer()
    app.command()(folder.main)
    out = tmp_path / "figures" / "dev.json"
    result = CliRunner().invoke(app, [str(labelled), "--model", str(model_file), "--json", str(out)])
    figures = json.loads(out.read_text())
    assert result.exit_code == 0
    assert f"{figures['all files']['accuracy']:.3f}" in result.stdout


def test_pictures_are_small(fitted: Fitted, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("calibration.png", "confusion.png", "curve.png")]
    draw_calibration(reliability(fitted.answered), paths[0])
    draw_confusion(fitted.answered.labels, card.best_departments(fitted.answered).tolist(), paths[1])
    draw_curve({RANDOM: [(0, 0.7), (50, 0.72)], LEAST_SURE: [(0, 0.7), (50, 0.73)]}, paths[2])
    assert [path.read_bytes()[:4] for path in paths] == [PNG] * 3
    assert max(path.stat().st_size for path in paths) < LARGEST_PICTURE


def test_an_empty_bin_is_not_drawn(tmp_path: Path) -> None:
    draw_calibration([Bin(3, 0.5, 2 / 3)], tmp_path / "one.png")
    assert (tmp_path / "one.png").exists()


def test_the_texts_for_timing_are_distinct_and_always_the_same() -> None:
    texts = distinct_texts(200)
    assert len(set(texts)) == 200
    assert texts == distinct_texts(200)


def test_plain_scikit_learn_gives_the_same_probabilities(classifier: Classifier) -> None:
    speed = measure(classifier, distinct_texts(40))
    assert speed.difference < 1e-4
    assert min(speed.single, speed.batch, speed.peer_single, speed.peer_batch) > 0


def test_the_manifest_names_the_city_whose_table_was_used(model_file: Path) -> None:
    assert load_manifest(model_file).city == "tangerang"
    assert json.loads(manifest_path(model_file).read_text())["city"] == "tangerang"

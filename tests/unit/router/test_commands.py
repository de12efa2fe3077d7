"""`laksa train`, `evaluate` and `classify` keep the contract's words and exit codes."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.router.training import commands

ROUTED = {
    "decision",
    "department",
    "office",
    "needs_location",
    "supporting_departments",
    "confidence",
    "alternatives",
    "class",
    "topic",
    "urgency",
    "responsible_body",
    "sensitive",
    "why",
    "model_version",
}


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    for command in (commands.train, commands.evaluate, commands.classify):
        app.command()(command)
    return app


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text('id,text,department\n1,"lampu jalan mati, gelap",DISHUB\n2,,\n3,pohon tumbang,DISBUDPAR\n')
    return path


def test_classify_writes_one_routed_object_a_row_in_order(app: typer.Typer, texts: Path, model_file: Path) -> None:
    result = CliRunner().invoke(app, ["classify", str(texts), "--json-lines", "--model", str(model_file)])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [set(row) for row in rows] == [ROUTED] * 3
    assert [rows[0]["department"], rows[2]["department"]] == ["DISHUB", "DISBUDPAR"]
    assert set(rows[0]["alternatives"][0]) == {"department", "probability"}
    assert set(rows[0]["why"][0]) == {"term", "weight"}


def test_classify_uses_the_table_of_the_named_city(app: typer.Typer, texts: Path, model_file: Path) -> None:
    arguments = ["classify", str(texts), "--json-lines", "--model", str(model_file), "--city", "surabaya"]
    last = CliRunner().invoke(app, arguments).stdout.splitlines()[-1]
    assert json.loads(last)["department"] == "DLH"


def test_evaluate_prints_every_promised_figure_as_json(app: typer.Typer, texts: Path, model_file: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", "--data", str(texts), "--model", str(model_file), "--json"])
    values = json.loads(result.stdout)
    figures = {"accuracy", "macro_f1", "top3", "calibration_error", "coverage", "precision"}
    assert figures <= set(values)
    assert figures <= set(values["without_wilayah"])
    assert (values["rows"], values["skipped"], values["accuracy"]) == (2, 1, 1.0)
    assert set(values["departments"]) == {"DISHUB", "DISBUDPAR"}


def test_train_writes_a_model_that_classify_reads(app: typer.Typer, texts: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    rows = ["air pdam mati,PDAM", "jalan berlubang,PUPR"] * 20
    data.write_text("text,department\n" + "".join(f"{row}\n" for row in rows))
    out = tmp_path / "own.skops"
    trained = CliRunner().invoke(app, ["train", "--data", str(data), "--no-authored", "--out", str(out), "--report"])
    assert (trained.exit_code, out.exists()) == (0, True)
    classified = CliRunner().invoke(app, ["classify", str(texts), "--json-lines", "--model", str(out)])
    assert classified.exit_code == 0


def test_a_missing_model_tells_what_to_run(app: typer.Typer, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKSA_MODEL_FILE", "/nonexistent/model.skops")
    result = CliRunner().invoke(app, ["classify", str(texts)])
    assert result.exit_code == 1
    assert "laksa setup" in result.stderr


@pytest.mark.parametrize("command", [["classify", "absent.csv"], ["evaluate", "--data", "absent.csv"]])
def test_an_unreadable_csv_fails_with_the_reason(app: typer.Typer, command: list[str], model_file: Path) -> None:
    result = CliRunner().invoke(app, [*command, "--model", str(model_file)])
    assert result.exit_code == 1
    assert "absent.csv: No such file" in result.stderr


@pytest.mark.parametrize("options", [["--city", "atlantis"], ["--colour"]])
def test_a_wrong_option_is_wrong_usage(app: typer.Typer, texts: Path, model_file: Path, options: list[str]) -> None:
    result = CliRunner().invoke(app, ["classify", str(texts), "--model", str(model_file), *options])
    assert result.exit_code == 2


def test_the_default_model_lies_in_the_projects_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKSA_MODEL_FILE", raising=False)
    assert commands.default_model_file().parts[-3:] == (".laksa", "models", "default.skops")


def test_train_takes_a_precision_and_a_city_and_reports_what_it_compared(app: typer.Typer, tmp_path: Path) -> None:
    """Sixty rows of a city cannot carry 95%, and an unknown city has no table."""
    data, out = tmp_path / "city.csv", tmp_path / "city.skops"
    lines = [f"lampu jalan mati {n},DISHUB\nsampah menumpuk {n},DLH" for n in range(30)]
    data.write_text("\n".join(["text,department", *lines]))
    arguments = ["train", "--data", str(data), "--out", str(out), "--no-authored"]
    reported = CliRunner().invoke(app, [*arguments, "--precision", "0.8", "--report"])
    assert (reported.exit_code, json.loads(out.with_suffix(".json").read_text())["precision"]) == (0, 0.8)
    assert "settings compared" in reported.stdout
    assert CliRunner().invoke(app, [*arguments, "--precision", "0.95"]).exit_code == 1
    assert CliRunner().invoke(app, [*arguments, "--city", "atlantis"]).exit_code == 2

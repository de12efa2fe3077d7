"""From corrections to a model that decides: trained, judged, promoted; by the commands that operators use."""

import asyncio
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import typer
from typer.testing import CliRunner

from launcher.models import commands
from services.router.challenger import Ingredients, NothingLearned, TooFewCorrections, train_challenger
from services.router.domain import Label
from services.router.model.classifier import Classifier
from shared.errors import LaksaError
from tests.factories_tickets import NOW, a_change, a_registered
from tests.integration.router.conftest import PLACES, ROAD, TROUBLES, Router, texts_of, write_texts

DRAINS = ["got mampet", "selokan tersumbat", "drainase meluap", "gorong-gorong buntu", "air got meluber"]
"""What the first model has never heard of: people send it to PUPR."""
WEEKS = ["", "lagi", "sekali", "terus", "malam", "pagi", "siang", "sore"]


def drains() -> list[str]:
    return [f"{trouble} {place} {week}" for week in WEEKS for trouble in DRAINS for place in PLACES]


def labels(texts: Iterable[tuple[str, str, bool]]) -> list[Label]:
    """Labels, one an hour."""
    return [Label(text, code, NOW + timedelta(hours=i), corrected) for i, (text, code, corrected) in enumerate(texts)]


@pytest.fixture(scope="session")
def city_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The texts that the first model was trained on."""
    return write_texts(tmp_path_factory.mktemp("city") / "city.csv", texts_of(TROUBLES))


@pytest.fixture
def champion(model_file: Path) -> Classifier:
    return Classifier.load(model_file)


def challenge(champion: Classifier, folder: Path, data: Path, given: list[Label]) -> Any:
    return train_challenger(given, champion, folder, "tangerang", Ingredients((data,), authored=False))


def test_a_challenger_that_learned_from_corrections_passes(
    champion: Classifier, city_data: Path, tmp_path: Path
) -> None:
    made = challenge(champion, tmp_path, city_data, labels((text, "PUPR", True) for text in drains()))
    assert made.gate.passed, made.gate.refusals
    assert made.gate.corrections.labels == 40
    assert made.gate.corrections.challenger > made.gate.corrections.champion
    assert Classifier.load(tmp_path / made.entry.file_name).manifest.model_version == made.entry.version


def test_a_challenger_that_learned_nonsense_is_refused(champion: Classifier, city_data: Path, tmp_path: Path) -> None:
    """What people corrected wrongly for weeks, and then rightly."""
    texts = [(f"{text} {week}", code) for week in WEEKS for text, code in texts_of(TROUBLES)]
    wrong = {"PUPR": "DLH", "DLH": "DISHUB", "DISHUB": "DISDUKCAPIL", "DISDUKCAPIL": "PUPR"}
    older = [(text, wrong[code], True) for text, code in texts[180:]]
    newest = [(text, code, True) for text, code in texts[:180]]
    gate = challenge(
        champion, tmp_path, write_texts(tmp_path / "few.csv", texts_of(TROUBLES)[:1]), labels(older + newest * 2)
    ).gate
    assert not gate.passed
    assert any("the floor is" in refusal for refusal in gate.refusals)


@pytest.mark.parametrize("count", [0, 19, 20])
def test_too_few_corrections_are_told_and_nothing_is_trained(
    champion: Classifier, city_data: Path, tmp_path: Path, count: int
) -> None:
    with pytest.raises(TooFewCorrections, match=f"^{count} corrections"):
        challenge(champion, tmp_path, city_data, labels((text, "PUPR", True) for text in drains()[:count]))
    assert list(tmp_path.glob("*.skops")) == []


def test_a_challenger_that_is_the_model_that_decides_is_told_and_its_file_left_alone(
    champion: Classifier, city_data: Path, tmp_path: Path
) -> None:
    given = labels((text, "PUPR", True) for text in drains())
    made = challenge(champion, tmp_path, city_data, given)
    file = tmp_path / made.entry.file_name
    before = file.read_bytes()
    with pytest.raises(NothingLearned):
        challenge(Classifier.load(file), tmp_path, city_data, given)
    assert file.read_bytes() == before


@pytest_asyncio.fixture
async def corrected(router: Router) -> Router:
    """A router whose decisions on drains were corrected, one an hour, and whose decisions on roads were not."""
    drained = [a_registered(text_masked=text) for text in drains()[:120]]
    roads = [a_registered(text_masked=f"{ROAD} {number}") for number in range(20)]
    await router.register(*drained, *roads)
    handed_over = [("handed_over", c, "PUPR") for c in drained]
    await router.change(
        *(
            a_change(
                event, complaint_id=c.complaint_id, version=2, department=code, occurred_at=NOW + timedelta(hours=i)
            )
            for i, (event, c, code) in enumerate([*(("closed", c, "PUPR") for c in roads), *handed_over])
        )
    )
    return router


def run(application: typer.Typer, router: Router, *arguments: str | Path) -> Any:
    """What a command prints as JSON; its LaksaError, if it fails."""
    return json.loads(printed(application, router, *arguments, "--json"))


def printed(application: typer.Typer, router: Router, *arguments: str | Path) -> str:
    """What a command prints; its LaksaError, if it fails."""
    settings = router.runtime.settings
    environment = {
        "LAKSA_POSTGRES_DSN": settings.postgres_dsn.get_secret_value(),
        "LAKSA_MODEL_FILE": str(router.models.shipped),
        "LAKSA_MODELS_FOLDER": str(router.models.folder),
    }
    ended = CliRunner().invoke(application, [*map(str, arguments)], env=environment)
    if isinstance(ended.exception, LaksaError):
        raise ended.exception
    assert ended.exit_code == 0, ended.output
    return ended.stdout


trainer = typer.Typer()
trainer.command()(commands.train)


async def test_a_model_goes_from_corrections_to_work_and_back_by_commands(corrected: Router, city_data: Path) -> None:
    def command(application: typer.Typer, *arguments: str | Path) -> Any:
        return asyncio.to_thread(run, application, corrected, *arguments)

    shipped = corrected.registry.active.manifest.model_version
    trained = await command(trainer, "--corrections", "--no-authored", "--data", city_data)
    assert trained["passed"], trained["gate"]["refusals"]
    listed = await command(commands.app, "list")
    assert listed["decides"] == shipped
    assert [(m["version"], m["status"]) for m in listed["models"]] == [(trained["version"], "candidate")]
    in_words = await asyncio.to_thread(printed, commands.app, corrected, "list")
    assert f"{shipped} decides" in in_words
    assert f"judged against {shipped}: passed" in in_words
    assert await command(commands.app, "shadow", trained["version"]) == {"shadow": trained["version"]}
    assert await command(commands.app, "promote") == {"decides": trained["version"]}
    await corrected.registry.look()
    assert (await corrected.decide("got mampet sekali di Karawaci")).department == "PUPR"
    with pytest.raises(LaksaError, match="there is no challenger"):
        await command(commands.app, "promote")
    assert await command(commands.app, "rollback") == {"decides": shipped}
    with pytest.raises(LaksaError, match="none before it"):
        await command(commands.app, "rollback")
    assert await command(commands.app, "activate", trained["version"]) == {"decides": trained["version"]}


async def test_a_challenger_that_was_refused_is_not_promoted(router: Router, other_file: Path) -> None:
    manifest = await router.put_down(other_file)
    gate = {"champion_version": "x", "refusals": ["DLH: finds 1 of 9, the floor is 4"]}
    await router.query("UPDATE models SET gate = $1", json.dumps(gate))
    with pytest.raises(LaksaError, match="the floor is 4"):
        await asyncio.to_thread(run, commands.app, router, "promote", manifest.model_version)


async def test_a_challenger_judged_against_a_model_that_decides_no_more_is_not_promoted(
    router: Router, other_file: Path
) -> None:
    manifest = await router.put_down(other_file)
    await router.query("UPDATE models SET gate = $1", json.dumps({"champion_version": "older", "refusals": []}))
    with pytest.raises(LaksaError, match="judged against older"):
        await asyncio.to_thread(run, commands.app, router, "promote", manifest.model_version)


@pytest.mark.parametrize("arguments", [(), ("--corrections", "--out", "x.skops")])
def test_training_goes_to_a_file_or_to_the_models_folder_and_never_to_both(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(trainer, list(arguments)).exit_code == 2

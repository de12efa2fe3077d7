"""A registered complaint gets one decision by a real model, however often it is delivered."""

import asyncio
import csv
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from services.router.app import build
from services.router.handlers import on_registered
from services.router.metrics import Metrics
from services.router.model import artifact
from services.router.model.artifact import ModelNotFound, ModelTampered
from services.router.model.classifier import Classifier
from services.router.settings import Settings
from services.router.training.fit import train
from services.router.usecases import RouteComplaints
from shared.events import ComplaintRegistered, ComplaintRouted
from shared.events.topics import COMPLAINTS_REGISTERED, COMPLAINTS_ROUTED, DEAD_LETTER
from shared.kafka import Handle
from shared.runtime import Runtime
from tests.factories_tickets import a_record, a_registered

TROUBLES = {
    "PUPR": ["jalan berlubang", "aspal rusak", "jalan ambles", "trotoar retak", "jembatan rusak"],
    "DLH": ["sampah menumpuk", "bau tempat sampah", "sampah belum diangkut", "limbah di kali", "pohon ditebang"],
    "DISHUB": ["lampu jalan mati", "parkir liar", "angkot ngetem", "lampu merah rusak", "truk di jalan sempit"],
    "DISDUKCAPIL": [
        "ktp belum jadi",
        "antre kartu keluarga",
        "akta lahir salah",
        "kk lama terbit",
        "blangko ktp habis",
    ],
}
VAGUE = ["mohon bantuan", "tolong pak", "bagaimana ini", "kapan ditangani"]
"""What people write to every department: without it a model so small would be sure of everything."""
PLACES = ["di Cipondoh", "dekat pasar", "sejak minggu lalu", "mohon segera ditangani", "di depan sekolah"]
ROAD, NOTHING = "Jalan berlubang parah di depan pasar", "zzz qqq"


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of four departments, trained now, which asks a person unless it is nine tenths sure."""
    folder = tmp_path_factory.mktemp("model")
    with (folder / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "department"])
        for department, troubles in TROUBLES.items():
            rows.writerows([f"{words} {place}", department] for words, place in product(troubles + VAGUE, PLACES))
    model_file = folder / "small.skops"
    train([folder / "texts.csv"], authored=False, out=model_file)
    weights, manifest = artifact.load(model_file)
    artifact.save(model_file, weights, replace(manifest, thresholds=dict.fromkeys(TROUBLES, 0.9)))
    return model_file


@dataclass(frozen=True, slots=True)
class Router:
    """One worker; its relay stands still, so that the outbox can be read."""

    runtime: Runtime
    on_registered: Handle

    async def register(self, *messages: ComplaintRegistered | bytes, **record: Any) -> None:
        await self.on_registered([a_record(COMPLAINTS_REGISTERED, message, **record) for message in messages])

    async def query(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        async with self.runtime.database.acquire() as connection:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]

    async def routed(self) -> list[ComplaintRouted]:
        rows = await self.query("SELECT value FROM outbox WHERE topic = $1 ORDER BY seq", COMPLAINTS_ROUTED.name)
        return [ComplaintRouted.model_validate_json(row["value"]) for row in rows]

    def figure(self, metric: str, **labels: str) -> float | None:
        return self.runtime.registry.get_sample_value(metric, labels)


HireRouter = Callable[[], Awaitable[Router]]


@pytest.fixture
def settings(dsn: str, secret_key: str, model_file: Path) -> Settings:
    return Settings(kafka_bootstrap=("127.0.0.1:1",), postgres_dsn=dsn, secret_key=secret_key, model_file=model_file)


@pytest_asyncio.fixture
async def hire(settings: Settings) -> AsyncIterator[HireRouter]:
    """Makes workers on the same database, each with the model in its own memory."""
    async with AsyncExitStack() as stack:

        async def hire() -> Router:
            runtime = Runtime("router", settings, topics=[COMPLAINTS_REGISTERED])
            await runtime.database.connect()
            stack.push_async_callback(runtime.database.close)
            classifier = Classifier.load(settings.model_file)
            metrics = Metrics(runtime.registry, runtime.plumbing, classifier.departments)
            return Router(
                runtime, on_registered(RouteComplaints(runtime.database, runtime.dead_letters, classifier, metrics))
            )

        yield hire


@pytest_asyncio.fixture
async def router(hire: HireRouter) -> Router:
    """One worker."""
    return await hire()


async def test_a_clear_complaint_goes_to_its_department(router: Router) -> None:
    registered = a_registered(text_masked=ROAD)
    await router.register(registered)
    [routed] = await router.routed()
    assert (routed.decision, routed.department, routed.complaint_class) == ("auto", "PUPR", "complaint")
    assert routed.confidence > 0.9
    assert "berlubang" in routed.why[0].term
    assert routed.alternatives[0].department == "PUPR"
    [row] = await router.query("SELECT key FROM outbox")
    assert row["key"] == str(registered.complaint_id)


async def test_a_person_is_asked_when_the_text_says_nothing(router: Router) -> None:
    await router.register(a_registered(text_masked=NOTHING))
    [routed] = await router.routed()
    assert (routed.decision, len(routed.alternatives), routed.why) == ("review", 3, ())


async def test_the_decision_carries_all_that_the_desk_needs_of_the_complaint(router: Router) -> None:
    registered = a_registered(text_masked=ROAD)
    await router.register(registered)
    [routed] = await router.routed()
    passed_on = ("ticket_number", "channel", "text_masked", "location", "attachments", "submitted_at", "accepted_at")
    assert {name: getattr(routed, name) for name in passed_on} == {
        name: getattr(registered, name) for name in passed_on
    }


async def test_the_decision_that_is_announced_is_the_one_that_is_kept(router: Router) -> None:
    await router.register(*(a_registered(text_masked=text) for text in (ROAD, NOTHING, "lampu taman dan sampah")))
    for routed in await router.routed():
        [row] = await router.query("SELECT * FROM decisions WHERE complaint_id = $1", routed.complaint_id)
        kept = row | {name: orjson.loads(row[name]) for name in ("alternatives", "why")}
        said = routed.model_dump() | {"decided_at": routed.occurred_at}
        said |= {name: list(said[name]) for name in ("alternatives", "why", "supporting_departments")}
        said["complaint_class"] = routed.complaint_class
        assert kept == {name: said[name] for name in kept}


async def test_a_confidential_complaint_passes_on_neither_words_nor_place_nor_photos(router: Router) -> None:
    await router.register(a_registered(text_masked=ROAD, confidential=True))
    [routed] = await router.routed()
    assert routed.department == "PUPR"
    assert (routed.text_masked, routed.location, routed.attachments, routed.why) == (None, None, (), ())
    [row] = await router.query("SELECT value FROM outbox")
    assert "berlubang" not in row["value"]


async def test_one_decision_stands_when_a_complaint_is_delivered_again_and_again(router: Router) -> None:
    registered = a_registered(text_masked=ROAD)
    await router.register(registered, registered)
    await router.register(registered.model_copy(update={"text_masked": "sampah menumpuk"}))
    [routed] = await router.routed()
    assert routed.department == "PUPR"
    assert len(await router.query("SELECT 1 FROM decisions")) == 1


async def test_one_decision_stands_when_two_workers_decide_at_once(hire: HireRouter) -> None:
    one, other = await hire(), await hire()
    complaints = [a_registered(text_masked=ROAD) for _ in range(20)]
    await asyncio.gather(one.register(*complaints), other.register(*reversed(complaints)))
    routed = await one.routed()
    assert sorted(e.complaint_id for e in routed) == sorted(c.complaint_id for c in complaints)


async def test_a_decision_has_the_same_id_again_when_the_database_was_lost(router: Router) -> None:
    registered = a_registered(text_masked=ROAD)
    await router.register(registered)
    await router.query("DELETE FROM decisions")
    await router.register(registered)
    assert len({event.event_id for event in await router.routed()}) == 1


async def test_garbage_becomes_a_dead_letter_and_its_neighbours_are_routed(router: Router) -> None:
    await router.register(a_registered(), b"\xff\xfe", a_registered())
    assert len(await router.routed()) == 2
    [row] = await router.query("SELECT value FROM outbox WHERE topic = $1", DEAD_LETTER.name)
    letter = orjson.loads(row["value"])
    assert (letter["service"], letter["reason"]) == ("router", "not_utf8")
    assert router.figure("laksa_dead_letters_total", service="router", reason="not_utf8") == 1


async def test_a_batch_of_nothing_but_garbage_is_no_fault(router: Router) -> None:
    await router.register(b"", b"[]")
    assert await router.routed() == []


async def test_decisions_are_counted_once_with_their_confidence_and_delay(router: Router) -> None:
    registered = a_registered(text_masked=ROAD)
    for _ in range(2):
        await router.register(registered, headers=[("laksa_posted_at", b"1795486500000")])
    assert router.figure("laksa_complaints_routed_total", department="PUPR", decision="auto") == 1
    assert router.figure("laksa_complaints_routed_total", department="DLH", decision="review") == 0
    assert router.figure("laksa_routing_confidence_count", decision="auto") == 1
    assert router.figure("laksa_pipeline_latency_seconds_count", stage="routed") == 1


def test_the_service_shows_which_model_it_has_loaded(settings: Settings) -> None:
    runtime: Runtime = build(settings).state.runtime
    manifest = Classifier.load(settings.model_file).manifest
    labels = {"version": manifest.model_version, "corpus_sha256": manifest.corpus_sha256}
    assert runtime.registry.get_sample_value("laksa_model_info", labels) == 1


def test_the_service_does_not_start_without_its_model_or_with_an_altered_one(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotFound):
        build(settings.model_copy(update={"model_file": tmp_path / "none.skops"}))
    altered = tmp_path / "small.skops"
    altered.write_bytes(settings.model_file.read_bytes() + b" ")
    altered.with_suffix(".json").write_bytes(settings.model_file.with_suffix(".json").read_bytes())
    with pytest.raises(ModelTampered):
        build(settings.model_copy(update={"model_file": altered}))

"""A registered complaint gets one decision by a real model, however often it is delivered."""

import asyncio
from pathlib import Path

import orjson
import pytest

from services.router.app import build
from services.router.model.artifact import ModelNotFound, ModelTampered, load_manifest
from services.router.settings import Settings
from shared.events.topics import DEAD_LETTER
from shared.runtime import Runtime
from tests.factories_tickets import a_registered
from tests.integration.router.conftest import NOTHING, ROAD, HireRouter, Router

FLOOD = "Tolong pak, kabel listrik menjuntai kena air, ada orang kesetrum"
VIOLENCE = "Tetangga saya dipukuli suaminya setiap malam, ini KDRT, mohon bantuan"


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
        said |= {"complaint_class": routed.complaint_class, "unknown_share": row["unknown_share"]}
        assert kept == {name: said[name] for name in kept}


async def test_a_confidential_complaint_passes_on_neither_words_nor_place_nor_photos(router: Router) -> None:
    await router.register(a_registered(text_masked=ROAD, confidential=True))
    [routed] = await router.routed()
    assert routed.department == "PUPR"
    assert (routed.text_masked, routed.location, routed.attachments, routed.why) == (None, None, (), ())
    [row] = await router.query("SELECT value FROM outbox")
    assert "berlubang" not in row["value"]


async def test_what_the_model_finds_sensitive_is_confidential_though_the_reporter_did_not_ask(router: Router) -> None:
    routed = await router.decide(VIOLENCE)
    assert (routed.confidential, routed.sensitive) == (True, True)
    assert (routed.text_masked, routed.location, routed.attachments, routed.why) == (None, None, (), ())
    [row] = await router.query("SELECT why, confidential, sensitive FROM decisions")
    assert (orjson.loads(row["why"]), row["confidential"], row["sensitive"]) == ([], True, True)


@pytest.mark.parametrize("changes", [{"text": VIOLENCE}, {"text": ROAD, "confidential": True}])
async def test_no_word_of_a_confidential_complaint_is_kept_in_any_table(
    router: Router, changes: dict[str, str]
) -> None:
    await router.decide(**changes)
    assert await router.query("SELECT 1 FROM texts") == []
    for table in ("decisions", "outbox", "texts", "shadow_decisions"):
        for row in await router.query(f"SELECT {table}::text AS everything FROM {table}"):  # noqa: S608
            assert not {"berlubang", "dipukuli", "tetangga", "Cipondoh"} & set(
                row["everything"].replace('"', " ").split()
            )


async def test_the_masked_text_and_the_names_of_its_place_are_kept_to_learn_from(router: Router) -> None:
    await router.decide(ROAD, location={"kecamatan": "Cipondoh", "address": "Jl. Maulana Hasanuddin 5"})
    [row] = await router.query("SELECT text_masked, kecamatan, kelurahan FROM texts")
    assert row == {"text_masked": ROAD, "kecamatan": "Cipondoh", "kelurahan": None}


async def test_an_emergency_goes_to_the_rescuers_at_once(router: Router) -> None:
    routed = await router.decide(FLOOD)
    assert (routed.decision, routed.department, routed.urgency) == ("emergency", "BPBD", "emergency")
    assert routed.why[0].term
    assert router.figure("laksa_complaints_routed_total", department="BPBD", decision="emergency") == 1


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
    manifest = load_manifest(settings.model_file)
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

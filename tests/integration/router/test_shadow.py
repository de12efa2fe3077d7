"""The shadow model says what it would have decided; nobody acts on it and nothing waits for it."""

from pathlib import Path

import pytest
import pytest_asyncio

from services.router.model.artifact import Manifest
from services.router.model.classifier import Classifier
from tests.integration.router.conftest import ROAD, Router
from tests.integration.router.test_models import spoil


@pytest_asyncio.fixture
async def shadow(router: Router, other_file: Path) -> Manifest:
    """A shadow model that sends roads elsewhere."""
    manifest = await router.put_down(other_file)
    await router.succeed(lambda s: s.shadow(manifest.model_version))
    await router.registry.look()
    return manifest


async def agreement(router: Router) -> tuple[float | None, float | None]:
    await router.metrics.collect(router.runtime.database)
    return router.figure("laksa_shadow_agreement_ratio"), router.figure("laksa_shadow_waiting")


async def test_the_shadow_model_decides_nothing_and_what_it_would_have_decided_is_kept(
    router: Router, shadow: Manifest
) -> None:
    routed = await router.decide(ROAD)
    assert routed.department == "PUPR"
    assert await router.ask_shadow() == 1
    [row] = await router.query("SELECT complaint_id, model_version, department, confidence FROM shadow_decisions")
    assert (row["complaint_id"], row["model_version"]) == (routed.complaint_id, shadow.model_version)
    assert (row["department"], row["confidence"] > 0.5) == ("DLH", True)
    assert len(await router.routed()) == 1


async def test_the_shadow_model_is_asked_once_about_each_complaint(router: Router, shadow: Manifest) -> None:
    for _ in range(3):
        await router.decide(ROAD)
    assert [await router.ask_shadow() for _ in range(2)] == [3, 0]


async def test_how_often_both_models_agree_is_shown(router: Router, shadow: Manifest) -> None:
    for text in (ROAD, "ktp belum jadi dekat pasar", "antre kartu keluarga di Cipondoh"):
        await router.decide(text)
    await router.ask_shadow()
    await router.decide(ROAD)
    assert await agreement(router) == (pytest.approx(2 / 3), 1)


async def test_the_shadow_model_never_sees_a_confidential_complaint(router: Router, shadow: Manifest) -> None:
    await router.decide(ROAD, confidential=True)
    assert await router.ask_shadow() == 0


async def test_nothing_is_asked_without_a_shadow_model_nor_after_it_was_ended(router: Router, shadow: Manifest) -> None:
    await router.succeed(lambda s: s.shadow(None))
    await router.registry.look()
    await router.decide(ROAD)
    assert await router.ask_shadow() == 0
    assert await router.query("SELECT 1 FROM shadow_decisions") == []


async def test_a_shadow_model_that_cannot_be_read_does_not_touch_routing(router: Router, other_file: Path) -> None:
    version = (await router.put_down(other_file)).model_version
    await spoil(router, version, "altered")
    await router.succeed(lambda s: s.shadow(version))
    await router.registry.look()
    assert (await router.decide(ROAD)).department == "PUPR"
    assert await router.ask_shadow() == 0
    assert router.figure("laksa_model_missing", role="shadow") == 1


async def test_a_shadow_model_that_fails_does_not_touch_routing_and_its_complaints_wait(
    router: Router, shadow: Manifest
) -> None:
    assert isinstance(router.registry.shadow, Classifier)
    router.registry.shadow.weights.coefficients.resize((1, 1), refcheck=False)
    assert (await router.decide(ROAD)).department == "PUPR"
    with pytest.raises(ValueError):  # noqa: PT011  # whatever numpy says
        await router.ask_shadow()
    assert await agreement(router) == (pytest.approx(float("nan"), nan_ok=True), 1)

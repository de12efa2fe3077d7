"""Running routers follow the rows that say which model decides; what cannot be loaded changes nothing."""

import asyncio
from pathlib import Path

import pytest

from services.router.model import artifact
from services.router.succession import NotInOrder
from tests.integration.router.conftest import ROAD, HireRouter, Router


async def department(router: Router) -> str:
    """Where a road goes now."""
    return (await router.decide(ROAD)).department


async def test_the_model_that_a_router_is_started_with_decides_while_none_is_active(router: Router) -> None:
    await router.registry.look()
    assert await department(router) == "PUPR"


async def test_two_running_routers_take_over_the_model_that_is_activated(hire: HireRouter, other_file: Path) -> None:
    routers = [await hire(), await hire()]
    version = (await routers[0].put_down(other_file)).model_version
    assert [await department(router) for router in routers] == ["PUPR", "PUPR"]
    await routers[0].activate(version)
    await asyncio.gather(*(router.registry.look() for router in routers))
    for router in routers:
        routed = await router.decide(ROAD)
        assert (routed.department, routed.model_version) == ("DLH", version)
        assert router.figure("laksa_model_info", version=version, corpus_sha256="") == 1
        assert router.figure("laksa_model_missing", role="active") == 0


async def test_a_router_that_starts_decides_with_the_active_model_from_its_first_complaint_on(
    hire: HireRouter, other_file: Path
) -> None:
    one = await hire()
    await one.activate((await one.put_down(other_file)).model_version)
    assert await department(await hire()) == "DLH"


async def test_only_the_model_at_work_is_shown(router: Router, other_file: Path) -> None:
    await router.activate((await router.put_down(other_file)).model_version)
    await router.registry.look()
    shown = [
        s.labels["version"]
        for m in router.runtime.registry.collect()
        if m.name == "laksa_model_info"
        for s in m.samples
    ]
    assert shown == [artifact.load_manifest(other_file).model_version]


async def test_a_rollback_brings_back_the_model_before(router: Router, other_file: Path, model_file: Path) -> None:
    other, first = await router.put_down(other_file), await router.put_down(model_file)
    await router.activate(first.model_version)
    await router.activate(other.model_version)
    await router.registry.look()
    assert await department(router) == "DLH"
    assert await router.succeed(lambda s: s.roll_back()) == first.model_version
    await router.registry.look()
    assert await department(router) == "PUPR"


async def test_a_rollback_of_the_first_activation_brings_back_the_model_that_routers_are_started_with(
    router: Router, other_file: Path
) -> None:
    await router.activate((await router.put_down(other_file)).model_version)
    await router.registry.look()
    assert await router.succeed(lambda s: s.roll_back()) is None
    await router.registry.look()
    assert await department(router) == "PUPR"
    with pytest.raises(NotInOrder):
        await router.succeed(lambda s: s.roll_back())


async def spoil(router: Router, version: str, how: str) -> None:
    path = router.models.folder / f"{version}.skops"
    match how:
        case "altered":
            path.write_bytes(path.read_bytes() + b" ")
        case "absent":
            path.unlink()
        case "without a manifest":
            artifact.manifest_path(path).unlink()
        case "with another threshold":
            manifest = artifact.manifest_path(path)
            manifest.write_text(manifest.read_text("utf-8").replace('"DLH": 0.9', '"DLH": 0.1'), encoding="utf-8")
            assert artifact.load_manifest(path).thresholds["DLH"] == 0.1
        case "no model":
            path.write_bytes(b"nothing")
            artifact.manifest_path(path).write_bytes(b"{}")


@pytest.mark.parametrize("how", ["altered", "absent", "without a manifest", "with another threshold", "no model"])
async def test_a_model_that_cannot_be_read_keeps_the_one_at_work_and_is_reported(
    router: Router, other_file: Path, how: str
) -> None:
    version = (await router.put_down(other_file)).model_version
    await spoil(router, version, how)
    await router.activate(version)
    await router.registry.look()
    assert await department(router) == "PUPR"
    assert router.figure("laksa_model_missing", role="active") == 1


async def test_a_file_that_is_not_the_one_that_was_registered_keeps_the_one_at_work(
    router: Router, other_file: Path
) -> None:
    manifest = await router.put_down(other_file, file_sha256="0" * 64)
    await router.activate(manifest.model_version)
    await router.registry.look()
    assert await department(router) == "PUPR"
    assert router.figure("laksa_model_missing", role="active") == 1


async def test_a_model_whose_file_arrives_late_is_taken_over_by_and_by(router: Router, other_file: Path) -> None:
    version = (await router.put_down(other_file)).model_version
    path = router.models.folder / f"{version}.skops"
    content = path.read_bytes()
    path.unlink()
    await router.activate(version)
    await router.registry.look()
    path.write_bytes(content)
    for _ in range(10):
        await router.registry.look()
    assert await department(router) == "DLH"
    assert router.figure("laksa_model_missing", role="active") == 0


async def test_a_models_file_is_looked_for_in_the_models_folder_only(router: Router, other_file: Path) -> None:
    with pytest.raises(Exception, match="models_file_name_check"):
        await router.put_down(other_file, file_name="../other.skops")


async def test_a_model_is_activated_only_after_it_passed_the_gate_unless_told_otherwise(
    router: Router, other_file: Path
) -> None:
    version = (await router.put_down(other_file)).model_version
    with pytest.raises(NotInOrder, match="never judged"):
        await router.succeed(lambda s: s.activate(version))
    await router.activate(version)
    with pytest.raises(NotInOrder, match="decides already"):
        await router.activate(version)


async def test_two_operators_who_activate_at_once_leave_one_active_model(
    router: Router, other_file: Path, model_file: Path
) -> None:
    versions = [(await router.put_down(file)).model_version for file in (other_file, model_file)]
    await asyncio.gather(*(router.activate(version) for version in versions))
    rows = await router.query("SELECT status FROM models ORDER BY status")
    assert [row["status"] for row in rows] == ["active", "retired"]


async def test_an_unknown_version_is_refused(router: Router) -> None:
    with pytest.raises(NotInOrder, match="laksa model list"):
        await router.succeed(lambda s: s.shadow("invented"))

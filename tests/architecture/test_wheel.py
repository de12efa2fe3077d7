"""The wheel has all that the services read at run time, and both generic packages come from it."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, PROJECT, shown

DATA = {".sql", ".toml", ".csv", ".properties", ".sha256", ".xml"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    ended = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_has_every_module_and_every_data_file_and_nothing_else_of_the_project(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = [file for package in PACKAGES for file in (PROJECT / package).rglob("*") if file.suffix in {".py", *DATA}]
    assert {shown(file) for file in files} <= inside
    assert {name.split("/")[0] for name in inside} == set(PACKAGES)


def test_services_and_shared_come_from_laksa_when_the_wheel_is_installed(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        "import json, services.desk.app, shared.queries\n"
        "from importlib.metadata import packages_distributions as owners\n"
        "print(json.dumps([services.__file__, shared.__file__, owners()['services'], owners()['shared']]))"
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    services, shared, *owners = json.loads(ended.stdout)
    assert (services, shared) == (f"{tmp_path}/services/__init__.py", f"{tmp_path}/shared/__init__.py")
    assert [set(owner) for owner in owners] == [{"laksa"}, {"laksa"}]

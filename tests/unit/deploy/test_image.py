"""The image: what may run it, what gets into it, and what its embedded Python says."""

import json
import re
import tomllib
from importlib import import_module

from tests.unit.deploy.files import DEPLOY, ROOT, SERVICES

LINES = re.sub(r"\\\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8")).splitlines()


def instructions(keyword: str) -> list[str]:
    """The arguments of every instruction of this kind."""
    return [line.removeprefix(f"{keyword} ") for line in LINES if line.startswith(f"{keyword} ")]


def embedded_python(instruction: str) -> str:
    """The program of `[..., "-c", "program"]`."""
    return str(json.loads(instruction[instruction.index("[") :])[2])


def test_it_starts_from_one_pinned_python() -> None:
    [base] = instructions("ARG")
    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-\w+", base)
    assert instructions("FROM") == ["${PYTHON} AS build", "${PYTHON}"]


def test_every_package_is_checked_against_a_hash() -> None:
    installs = [command for run in instructions("RUN") for command in run.split("&&") if re.search(r"pip\b", command)]
    fetching = [command for command in installs if " install " in command and "--no-index" not in command]
    assert len(fetching) == 2
    assert all("--require-hashes" in command for command in fetching)
    [wheel] = [command for command in installs if " wheel " in command]
    assert "--no-deps" in wheel
    assert "--no-build-isolation" in wheel


def test_the_last_user_is_not_root() -> None:
    [user] = instructions("USER")
    assert int(user.split(":")[0]) > 0


def test_it_runs_laksa() -> None:
    assert instructions("ENTRYPOINT") == ['["laksa"]']


def test_a_service_is_probed_at_the_port_that_it_has() -> None:
    [check] = instructions("HEALTHCHECK")
    program = embedded_python(check)
    compile(program, "HEALTHCHECK", "exec")
    ports = [import_module(f"services.{name}.settings").Settings.model_fields["port"].default for name in SERVICES]
    assert [int(port) for port in re.findall(r"\d{4}", program)] == ports
    assert instructions("EXPOSE") == [" ".join(map(str, ports))]


def test_the_default_model_is_trained_by_the_function_that_make_setup_uses() -> None:
    [training] = [run for run in instructions("RUN") if run.startswith("[")]
    compile(embedded_python(training), "RUN", "exec")
    line = "from services.router.training.fit import train_default"
    assert line in embedded_python(training)
    assert line in (ROOT / "launcher" / "setup.py").read_text(encoding="utf-8")


def test_only_what_the_image_is_made_from_is_sent_to_the_builder() -> None:
    first, *rest = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    needed = {*packages, project["project"]["readme"], "LICENSE", "pyproject.toml", "requirements"}
    assert first == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == needed

"""docker-compose.yml is valid, safe, and in step with the code."""

import base64
import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.service import SERVICES
from tests.unit.deploy.files import DEPLOY, ROOT, compose, image_environment, load_yaml

COMPOSE = compose()
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: container for name, container in CONTAINERS.items() if container["image"].startswith("laksa:")}
VARIABLE = re.compile(r"\$\{(\w+)(:[?-])?([^}]*)\}")


def schema_check(file: Path) -> subprocess.CompletedProcess[str]:
    """Judge a file by the Compose Specification's own schema, without the network."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def settings_class(service: str) -> Any:
    return import_module(f"services.{service}.settings").Settings


def setting_names(service: str) -> dict[str, bool]:
    """The environment names of a service's settings -> whether they must be given."""
    names = {}
    for field, info in settings_class(service).model_fields.items():
        aliases = getattr(info.validation_alias, "choices", ())
        name = next((alias for alias in aliases if alias.startswith("LAKSA_")), f"LAKSA_{field.upper()}")
        names[name] = info.is_required()
    return names


def environment(service: str) -> dict[str, str]:
    """What the process in a container finds in its environment, the user's `.env` being as short as it may be."""
    env = {"POSTGRES_PASSWORD": "password", "LAKSA_SECRET_KEY": base64.b64encode(bytes(32)).decode()}
    given = image_environment() | CONTAINERS[service]["environment"]
    return {name: VARIABLE.sub(lambda found: env.get(found[1], found[3]), str(value)) for name, value in given.items()}


def test_it_is_what_the_compose_specification_allows() -> None:
    result = schema_check(ROOT / "docker-compose.yml")
    assert result.returncode == 0, result.stdout


def test_a_wrong_key_would_be_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(yaml.safe_dump({"services": {"intake": {"image": "laksa:1", "read_onyl": True}}}))
    assert "read_onyl" in schema_check(wrong).stdout


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_a_setting_of_the_service(service: str) -> None:
    names = setting_names(service)
    given = {name for name in CONTAINERS[service]["environment"] if name.startswith("LAKSA_")}
    assert given <= set(names)
    assert {name for name, required in names.items() if required} <= given | set(image_environment())


def test_the_image_sets_only_what_some_service_knows() -> None:
    assert set(image_environment()) <= set().union(*map(setting_names, SERVICES))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_accepts_the_environment_and_listens_where_compose_says(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("LAKSA_")]:
        monkeypatch.delenv(name)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    settings = settings_class(service)()
    assert ip_address(settings.http_host).is_unspecified
    assert settings.worker_id
    assert CONTAINERS[service]["ports"] == [f"127.0.0.1:{settings.port}:{settings.port}"]
    assert CONTAINERS[service]["command"] == ["run", service]


def test_prometheus_asks_every_service_at_its_port() -> None:
    jobs = load_yaml(DEPLOY / "prometheus" / "prometheus.yml")["scrape_configs"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    for service in SERVICES:
        assert targets[service] == [f"{service}:{settings_class(service).model_fields['port'].default}"]


def test_tables_and_topics_are_made_by_the_code_that_the_launcher_uses() -> None:
    """And by nothing else: no topic appears because somebody misspelt its name."""
    provision = CONTAINERS["provision"]
    assert provision["entrypoint"] == ["python", "-m", "launcher.provision"]
    assert set(provision["environment"]) == {"LAKSA_POSTGRES_DSN", "LAKSA_KAFKA_BOOTSTRAP"}
    for service in SERVICES:
        assert CONTAINERS[service]["depends_on"]["provision"] == {"condition": "service_completed_successfully"}
    assert CONTAINERS["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_kafka_is_set_like_the_launchers() -> None:
    lines = (ROOT / "launcher" / "kafka" / "server.properties").read_text(encoding="utf-8").splitlines()
    theirs = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    ours = {name: str(value) for name, value in CONTAINERS["kafka"]["environment"].items()}
    decisive = re.compile(r"auto\.create\.topics\.enable|message\.max\.bytes|.*\.replication\.factor|.*\.min\.isr")
    alike = {key: value for key, value in theirs.items() if decisive.fullmatch(key)}
    assert len(alike) == 8
    assert {key: ours[f"KAFKA_{key.upper().replace('.', '_')}"] for key in alike} == alike


def test_kafkas_containers_and_this_machine_are_sent_to_addresses_that_they_reach() -> None:
    kafka = CONTAINERS["kafka"]
    listeners = dict(item.split("://") for item in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(","))
    bootstrap = CONTAINERS["intake"]["environment"]["LAKSA_KAFKA_BOOTSTRAP"]
    assert listeners == {"HOST": "127.0.0.1:9092", "CONTAINERS": bootstrap}
    assert kafka["ports"] == ["127.0.0.1:9092:9092"]


def test_postgres_keeps_its_data_in_a_named_volume() -> None:
    """Since 18 the image's own volume is one level higher; a mount below it would leave the data in an unnamed one."""
    assert CONTAINERS["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_stores_are_healthy_before_anything_uses_them() -> None:
    for name in ("provision", *SERVICES):
        for store in ("kafka", "postgres"):
            assert CONTAINERS[name]["depends_on"][store] == {"condition": "service_healthy"}
            assert CONTAINERS[store]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", CONTAINERS)
def test_images_are_pinned(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+[\w.-]*", CONTAINERS[name]["image"])


def test_our_image_bears_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {container["image"] for container in OURS.values()} == {f"laksa:{version}"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_nothing_listens_beyond_this_machine(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in CONTAINERS[name].get("ports", []))


@pytest.mark.parametrize("name", CONTAINERS)
def test_nothing_gains_privileges(name: str) -> None:
    assert CONTAINERS[name]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nowhere_and_may_nothing(name: str) -> None:
    container = OURS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["tmpfs"] == ["/tmp"]  # noqa: S108
    assert container["stop_grace_period"] == "30s"


def test_what_is_mounted_from_the_clone_is_there_and_stays_as_it_is() -> None:
    mounts = [mount for container in CONTAINERS.values() for mount in container.get("volumes", [])]
    for source, _, mode in (mount.split(":") for mount in mounts if mount.startswith(".")):
        assert (ROOT / source).is_dir()
        assert mode == "ro"


def test_no_secret_has_a_default() -> None:
    """Compose stops and says what to do when one is missing."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    variables = {name: (kind, rest) for name, kind, rest in VARIABLE.findall(text)}
    for secret in ("LAKSA_SECRET_KEY", "POSTGRES_PASSWORD"):
        assert variables.pop(secret) == (":?", "make .env first, as .env.example says")
    assert {kind for kind, _ in variables.values()} == {":-"}


def test_the_example_names_every_variable_and_gives_no_secret_away() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    used = {name for name, _, _ in VARIABLE.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))}
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == used
    assert re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE) == [
        ("LAKSA_SECRET_KEY", ""),
        ("POSTGRES_PASSWORD", ""),
    ]


def test_the_file_with_the_secrets_is_never_committed() -> None:
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

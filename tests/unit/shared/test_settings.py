"""Settings: safe, complete, and never telling a secret."""

import base64

import pytest
from pydantic import ValidationError

from services.intake.settings import Settings as IntakeSettings
from shared.settings import ServiceSettings

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
DSN = "postgresql://laksa:kata-sandi@127.0.0.1:5432/laksa"
ENVIRONMENT = {
    "LAKSA_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "LAKSA_POSTGRES_DSN": DSN,
    "LAKSA_SECRET_KEY": SECRET,
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A complete environment and nothing else of ours in it."""
    for name in ("LAKSA_WORKER_ID", "LAKSA_LOG_LEVEL", "LAKSA_INTAKE_PORT", "LAKSA_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def read() -> ServiceSettings:
    """What the environment says."""
    return ServiceSettings()


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_what_has_no_default_must_be_set(name: str, environment: pytest.MonkeyPatch) -> None:
    environment.delenv(name)
    with pytest.raises(ValidationError, match="Field required"):
        read()


@pytest.mark.parametrize("wrong", ["", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode()])
def test_a_secret_key_of_another_length_is_refused_with_its_length(wrong: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LAKSA_SECRET_KEY", wrong)
    with pytest.raises(ValidationError, match=r"has \d+ bytes, it must have 32"):
        read()


@pytest.mark.parametrize("wrong", ["bukan base64!", SECRET[:-1], "k" * 33])
def test_a_secret_key_that_is_not_base64_is_refused(wrong: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LAKSA_SECRET_KEY", wrong)
    with pytest.raises(ValidationError, match="not base64"):
        read()


def test_the_master_key_is_the_secret_decoded() -> None:
    assert read().master_key() == b"0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "brokers"),
    [
        ("kafka-1:9092", ("kafka-1:9092",)),
        ("kafka-1:9092,kafka-2:9092", ("kafka-1:9092", "kafka-2:9092")),
        (" kafka-1:9092 , kafka-2:9092 ,", ("kafka-1:9092", "kafka-2:9092")),
    ],
)
def test_brokers_are_a_list_with_commas(text: str, brokers: tuple[str, ...], environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LAKSA_KAFKA_BOOTSTRAP", text)
    assert read().kafka_bootstrap == brokers


def test_no_secret_shows_when_settings_are_printed() -> None:
    settings = read()
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert SECRET not in shown
    assert "kata-sandi" not in shown


@pytest.mark.parametrize(
    ("name", "value"), [("LAKSA_SECRET_KEY", SECRET[:-4]), ("LAKSA_LOG_LEVEL", "LOUD"), ("LAKSA_KAFKA_BOOTSTRAP", None)]
)
def test_no_secret_shows_when_settings_are_wrong(name: str, value: str | None, environment: pytest.MonkeyPatch) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        read()
    assert SECRET[:8] not in str(caught.value)
    assert "kata-sandi" not in str(caught.value)


def test_settings_cannot_change_while_the_service_runs() -> None:
    with pytest.raises(ValidationError):
        read().http_host = "0.0.0.0"  # type: ignore[misc]  # noqa: S104


def test_a_service_listens_on_its_own_port_unless_told_another(environment: pytest.MonkeyPatch) -> None:
    assert IntakeSettings().port == 8101
    environment.setenv("LAKSA_INTAKE_PORT", "9101")
    assert IntakeSettings().port == 9101

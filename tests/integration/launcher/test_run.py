"""`laksa run SERVICE`: its exit code tells whoever started it how it went."""

import socket
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.kafka import KafkaNode
from launcher.ports import free_port
from launcher.process import start
from launcher.service import Service
from shared.kafka import provision_topics


@pytest.fixture
async def service(kafka: KafkaNode, dsn: str, secret_key: str, tmp_path: Path) -> Service:
    """A notifier with all that it needs, not started."""
    await provision_topics([kafka.bootstrap])
    port = free_port()
    environment = {
        "LAKSA_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "LAKSA_POSTGRES_DSN": dsn,
        "LAKSA_SECRET_KEY": secret_key,
        "LAKSA_NOTIFIER_PORT": str(port),
    }
    return Service("notifier", port, tmp_path / "notifier.log", environment)


def test_a_service_that_is_told_to_stop_ends_with_0(service: Service) -> None:
    process = start(service)
    process.stop()
    assert process.exit_code == 0


def test_a_service_that_cannot_listen_ends_with_a_failure(service: Service) -> None:
    with socket.create_server(("127.0.0.1", service.port)), pytest.raises(LauncherError, match="with 1"):
        start(service)

"""What the local system consists of: plain constructor calls, nothing decided, nothing started."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from launcher.credentials import kept_secret
from launcher.errors import LauncherError
from launcher.kafka import KafkaNode, provide_kafka
from launcher.monitoring import AlertLog, Alertmanager, Configuration, Prometheus, find_program
from launcher.paths import Paths
from launcher.postgres import PostgresServer, provide_postgres
from launcher.service import SERVICES, Service

# Kafka and Postgres not at their usual ports: those belong to what else a developer runs.
DEFAULT_PORTS = {
    "intake": 8101,
    "router": 8102,
    "desk": 8103,
    "notifier": 8104,
    "kafka": 19092,
    "kafka-controller": 19093,
    "postgres": 15432,
    "prometheus": 19090,
    "alertmanager": 19094,
    "alert-log": 19095,
}


@dataclass(frozen=True)
class System:
    """All parts. `postgres` is None when the user brings a database, the last three when they are not installed."""

    kafka: KafkaNode
    dsn: str
    postgres: PostgresServer | None
    services: tuple[Service, ...]
    prometheus: Prometheus | None
    alertmanager: Alertmanager | None
    alert_log: AlertLog | None


def compose_system(paths: Paths, ports: Mapping[str, int]) -> System:
    """The system that keeps its state in `paths` and has `ports`, as this machine and the environment allow."""
    kafka = provide_kafka(paths, port=ports["kafka"], controller_port=ports["kafka-controller"])
    own_dsn = os.environ.get("LAKSA_POSTGRES_DSN")
    postgres = None if own_dsn else provide_postgres(paths, port=ports["postgres"])
    dsn = postgres.dsn if postgres else str(own_dsn)
    environment = _service_environment(paths, kafka, dsn, ports)
    return System(
        kafka=kafka,
        dsn=dsn,
        postgres=postgres,
        services=tuple(Service(name, ports[name], paths.log(name), environment) for name in SERVICES),
        prometheus=_prometheus(paths, ports),
        alertmanager=(alertmanager := _alertmanager(paths, ports)),
        alert_log=_alert_log(paths, ports["alert-log"]) if alertmanager else None,
    )


def asked_ports() -> dict[str, int]:
    """What LAKSA_<SERVICE>_PORT and its like for the other parts ask for."""
    variables = {name: f"LAKSA_{name.upper().replace('-', '_')}_PORT" for name in DEFAULT_PORTS}
    return {name: _port(variable) for name, variable in variables.items() if variable in os.environ}


def _port(variable: str) -> int:
    value = os.environ[variable]
    if not value.isdecimal() or not 0 < int(value) < 65_536:
        raise LauncherError(f"{variable} is {value!r}.", remedy="set it to the number of a port, or unset it")
    return int(value)


def _service_environment(paths: Paths, kafka: KafkaNode, dsn: str, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "LAKSA_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "LAKSA_POSTGRES_DSN": dsn,
        "LAKSA_SECRET_KEY": kept_secret(paths.secrets / "secret-key", _secret_key),
        "LAKSA_WORKER_ID": "1",
        "LAKSA_MODEL_FILE": str(paths.default_model),
        "LAKSA_PUBLIC_URL": f"http://127.0.0.1:{ports['desk']}",
        **{f"LAKSA_{name.upper()}_PORT": str(ports[name]) for name in SERVICES},
    }


def _secret_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _prometheus(paths: Paths, ports: Mapping[str, int]) -> Prometheus | None:
    if (program := find_program("prometheus")) is None:
        return None
    return Prometheus(
        program=program,
        configuration=_configuration(paths, "prometheus", ports),
        data=paths.state / "prometheus",
        log=paths.log("prometheus"),
        port=ports["prometheus"],
    )


def _alertmanager(paths: Paths, ports: Mapping[str, int]) -> Alertmanager | None:
    if (program := find_program("prometheus-alertmanager", "alertmanager")) is None:
        return None
    return Alertmanager(
        program=program,
        configuration=_configuration(paths, "alertmanager", ports),
        data=paths.state / "alertmanager",
        log=paths.log("alertmanager"),
        port=ports["alertmanager"],
    )


def _alert_log(paths: Paths, port: int) -> AlertLog:
    script = paths.project / "deploy" / "alertmanager" / "alert_log.py"
    return AlertLog(script=script, log=paths.log("alerts"), port=port)


def _configuration(paths: Paths, name: str, ports: Mapping[str, int]) -> Configuration:
    return Configuration(paths.project / "deploy" / name, paths.run / name, ports)

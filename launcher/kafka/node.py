"""One Kafka broker on loopback."""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from string import Template

from launcher.kafka.archives import Archives
from launcher.kafka.probe import answers_metadata
from launcher.kafka.runtime import Runtime
from launcher.part import Command
from launcher.ports import accepts_connections
from launcher.process import run_to_end

_PROPERTIES = "server.properties"
_TEMPLATE = Template(Path(__file__).with_name(_PROPERTIES).read_text(encoding="ascii"))


@dataclass(frozen=True)
class KafkaNode:
    """A broker and its controller in one process, with its data in `home`. Anyone on this machine may use it."""

    home: Path
    log: Path
    runtime: Runtime
    archives: Archives
    port: int
    controller_port: int
    name: str = "kafka"
    stop_seconds: float = 20

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the properties and, once, format the data folder."""
        self.home.mkdir(parents=True, exist_ok=True)
        properties = {"port": self.port, "controller_port": self.controller_port}
        (self.home / _PROPERTIES).write_text(_TEMPLATE.substitute(properties), encoding="ascii")
        if not self._meta.exists():
            doing = "Formatting the data folder of Kafka"
            run_to_end(self._format_command(), doing=doing, log=self.log, folder=self.home)

    def command(self) -> Command:
        return Command(
            argv=self.runtime.run_class("kafka.Kafka", _PROPERTIES, options=self.archives.broker),
            log=self.log,
            folder=self.home,
            stop_seconds=self.stop_seconds,
            orphan_signal=SIGTERM,  # stops as cleanly as when we ask it to
        )

    def is_ready(self) -> bool:
        return accepts_connections(self.port) and answers_metadata(self.bootstrap, self._cluster)

    @property
    def _meta(self) -> Path:
        """Written by the format: which cluster the data belong to."""
        return self.home / "data" / "meta.properties"

    @property
    def _cluster(self) -> str:
        lines = self._meta.read_text(encoding="ascii").splitlines()
        return next(value for name, _, value in (line.partition("=") for line in lines) if name == "cluster.id")

    def _format_command(self) -> tuple[str, ...]:
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        arguments = ("format", f"--cluster-id={cluster}", "--config", _PROPERTIES)
        return self.runtime.run_class("kafka.tools.StorageTool", *arguments, options=self.archives.format)

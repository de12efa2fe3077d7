"""One of our own services as a part of the local system."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher.http_probe import answers_ok
from launcher.part import Command

SERVICES = ("intake", "router", "desk", "notifier")


@dataclass(frozen=True)
class Service:
    """`laksa run NAME` in a process of its own, with its settings in the environment."""

    name: str
    port: int
    log: Path
    environment: Mapping[str, str] = field(repr=False)
    """Every setting that the service needs; it holds secrets."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """A service finds its database, its topics and its model ready."""

    def command(self) -> Command:
        argv = (sys.executable, "-m", "launcher.cli", "run", self.name)
        return Command(argv=argv, log=self.log, environment=self.environment)

    def is_ready(self) -> bool:
        return answers_ok(self.port, "/health/ready")

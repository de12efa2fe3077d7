"""Prometheus and Alertmanager as plain children, where this machine has them."""

import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.http_probe import answers_ok
from launcher.part import Command
from launcher.ports import accepts_connections

INSTALLING = "apt-get install --no-install-recommends prometheus prometheus-alertmanager"


@dataclass(frozen=True)
class Configuration:
    """A folder of deploy/ as this machine needs it: `service:port` becomes 127.0.0.1 and the port that it has here."""

    source: Path
    target: Path
    ports: Mapping[str, int]

    def render(self) -> None:
        """Write the target anew. Rule files and the like come along, so relative paths in it stay true."""
        shutil.rmtree(self.target, ignore_errors=True)
        shutil.copytree(self.source, self.target)
        for file in self.target.rglob("*.yml"):
            file.write_text(self._localised(file.read_text(encoding="utf-8")), encoding="utf-8")

    def _localised(self, text: str) -> str:
        names = "|".join(map(re.escape, self.ports))
        return re.sub(rf"\b({names}):\d+\b", lambda found: f"127.0.0.1:{self.ports[found[1]]}", text)


@dataclass(frozen=True)
class Prometheus:
    """Scrapes the services and judges the alerting rules."""

    program: str
    configuration: Configuration
    data: Path
    log: Path
    port: int
    name: str = "prometheus"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        self.configuration.render()

    def command(self) -> Command:
        options = (
            f"--config.file={self.configuration.target}/prometheus.yml",
            f"--storage.tsdb.path={self.data}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
            # An alert of the first seconds finds no Alertmanager yet; by default it is sent again after a minute.
            "--rules.alert.resend-delay=5s",
        )
        return Command(argv=(self.program, *options), log=self.log)

    def is_ready(self) -> bool:
        return answers_ok(self.port, "/-/ready")


@dataclass(frozen=True)
class Alertmanager:
    """Tells people what Prometheus found."""

    program: str
    configuration: Configuration
    data: Path
    log: Path
    port: int
    name: str = "alertmanager"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        self.configuration.render()

    def command(self) -> Command:
        options = (
            f"--config.file={self.configuration.target}/alertmanager.yml",
            f"--storage.path={self.data}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=warn",
        )
        return Command(argv=(self.program, *options), log=self.log)

    def is_ready(self) -> bool:
        return answers_ok(self.port, "/-/ready")


@dataclass(frozen=True)
class AlertLog:
    """Writes down what Alertmanager sends: where a person looks when nobody is called yet."""

    script: Path
    log: Path
    port: int
    name: str = "alert-log"

    def prepare(self) -> None:
        """It needs nothing."""

    def command(self) -> Command:
        return Command(argv=(sys.executable, str(self.script), "127.0.0.1", str(self.port)), log=self.log)

    def is_ready(self) -> bool:
        return accepts_connections(self.port)


def find_program(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next((found for name in names if (found := shutil.which(name))), None)

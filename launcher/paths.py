"""Where one LAKSA system on this machine keeps its files."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher.account import Account
from launcher.errors import LauncherError

_MACHINE_FOLDER = Path("/var/lib/laksa")


@dataclass(frozen=True)
class Paths:
    """`project` is the clone, `state` all that this one system keeps, `cache` what any clone can use again."""

    project: Path
    state: Path
    cache: Path

    @classmethod
    def of_project(cls) -> "Paths":
        """The paths of the clone that this package runs from; LAKSA_STATE_DIR names another place for its state."""
        project = Path(__file__).resolve().parents[1]
        if not (project / "pyproject.toml").exists():
            raise LauncherError(
                f"{project} is not a clone of LAKSA: it has no pyproject.toml.",
                remedy="install the package from a clone, with `make setup`",
            )
        state = Path(os.environ.get("LAKSA_STATE_DIR", project / ".laksa")).resolve()
        return cls(project=project, state=state, cache=_cache(state))

    def make_state(self) -> None:
        """Make the state folder, closed to other users: what citizens wrote lies in it."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.state, os.W_OK | os.X_OK):
            raise LauncherError(
                f"{self.state} belongs to another user.",
                remedy="run LAKSA as that user, or set LAKSA_STATE_DIR to a folder of your own",
            )
        self.run.mkdir(exist_ok=True)

    @property
    def control(self) -> Path:
        """How to reach the supervisor."""
        return self.run / "control.json"

    @property
    def ledger(self) -> Path:
        """Which processes are ours."""
        return self.run / "processes.json"

    @property
    def start_failure(self) -> Path:
        """Why the last start failed, in words."""
        return self.run / "start-failure.txt"

    @property
    def kafka(self) -> Path:
        return self.state / "kafka"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def default_model(self) -> Path:
        return self.state / "models" / "default.skops"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def postgres(self, account: Account | None) -> Path:
        """Where the database lives: with the rest, or, for an account that cannot enter our folders, in the machine's.

        That place goes by a random name which the state folder keeps, so a moved clone finds its data again and a new
        state folder begins with an empty database.
        """
        if account is None:
            return self.state / "postgres"
        name = self.state / "instance"
        if not name.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            name.write_text(secrets.token_hex(6), encoding="ascii")
        return machine_folder() / name.read_text(encoding="ascii")


def machine_folder() -> Path:
    """A folder of root's that every user may enter. Only root may ask."""
    for folder in (_MACHINE_FOLDER, Path(tempfile.gettempdir()) / "laksa-root"):
        if _made_by_root(folder):
            return folder
    raise LauncherError(
        f"{_MACHINE_FOLDER} cannot be written, nor can {tempfile.gettempdir()}.",
        remedy=f"make {_MACHINE_FOLDER} writable for root, or set LAKSA_POSTGRES_DSN to a database of yours",
    )


@contextmanager
def throwaway_paths() -> Iterator[Paths]:
    """Paths with a state of their own that is gone after the block. The cache is the shared one."""
    ours = Paths.of_project()
    with tempfile.TemporaryDirectory(prefix="laksa-", ignore_cleanup_errors=True) as folder:
        paths = Paths(project=ours.project, state=Path(folder), cache=ours.cache)
        try:
            yield paths
        finally:
            if (name := paths.state / "instance").exists():
                shutil.rmtree(machine_folder() / name.read_text(encoding="ascii"), ignore_errors=True)


def _made_by_root(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != 0:
            return False
        folder.chmod(0o755)  # whatever the umask says
    except OSError:
        return False
    return True


def _cache(state: Path) -> Path:
    """The user's cache folder; inside our state for a user without a home to write to."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return Path(configured) / "laksa"
    try:
        folder = Path.home() / ".cache" / "laksa"
    except RuntimeError:
        return state / "cache"
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return folder if os.access(nearest, os.W_OK) else state / "cache"

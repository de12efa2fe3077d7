"""The jars of Kafka: exactly those whose SHA-256 this project has committed, whoever fetched them."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from launcher.errors import LauncherError
from launcher.filelock import locked

POM = Path(__file__).with_name("pom.xml")
_LIST = Path(__file__).with_name("jars.sha256")

Fetch = Callable[[Path], None]
"""Brings the jars that the pom names into an existing, empty folder."""


def committed_hashes() -> dict[str, str]:
    """File name to SHA-256, in the order of the list."""
    lines = (line.split() for line in _LIST.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in lines}


def list_key() -> str:
    """A short name that changes with the list."""
    return hashlib.sha256(_LIST.read_bytes()).hexdigest()[:12]


def provide_jars(folder: Path, fetch: Fetch) -> tuple[Path, ...]:
    """The verified jars in `folder`, sorted by name; fetched first unless they are all there and right."""
    if differences(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f"{folder.name}.lock"), wait=True):
            if differences(folder):  # still: nobody brought them while we waited
                _replace(folder, fetch)
    return tuple(folder / name for name in sorted(committed_hashes()))


def differences(folder: Path) -> list[str]:
    """What is missing in `folder`, too much, or not what was committed; empty when all is well."""
    present = {path.name: _sha256(path) for path in folder.glob("*")} if folder.exists() else {}
    committed = committed_hashes()
    return [
        *(f"missing: {name}" for name in sorted(committed.keys() - present.keys())),
        *(f"not in the list: {name}" for name in sorted(present.keys() - committed.keys())),
        *(f"other content: {name}" for name in _changed(committed, present)),
    ]


def _changed(committed: dict[str, str], present: dict[str, str]) -> Iterable[str]:
    return sorted(name for name in committed.keys() & present.keys() if committed[name] != present[name])


def _replace(folder: Path, fetch: Fetch) -> None:
    """Fetch beside the folder, verify, then put it in place: nobody ever sees half of it."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as scratch:
        fetched = Path(scratch) / "libs"
        fetched.mkdir()
        fetch(fetched)
        if found := differences(fetched):
            raise LauncherError(
                "The jars of Kafka are not those of the committed list:\n  " + "\n  ".join(found),
                remedy=f"do not use them; when the versions were meant to change, renew {_LIST.name}",
            )
        if folder.exists():
            os.replace(folder, Path(scratch) / "old")
        os.replace(fetched, folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

"""Secrets that this machine makes for itself, once, and keeps in files that only their owner may read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept_secret(file: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """The secret in `file`; made and written first when there is none."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, make())
    return file.read_text(encoding="ascii")


def write_private(file: Path, text: str) -> None:
    """Write a file of ours that nobody else can read at any moment; replaces an older one whole."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
    new.replace(file)

"""A lock that lives as long as the processes which hold it, however they end."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[int]:
    """Hold the lock of `path` (made if missing) and yield its descriptor.

    When somebody else holds it: wait for as long as they do, or raise BlockingIOError.

    A child that inherits the descriptor keeps the lock until it and all who inherited it from it have ended.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock of `path`."""
    if not path.exists():
        return False
    try:
        with locked(path):
            return False
    except BlockingIOError:
        return True

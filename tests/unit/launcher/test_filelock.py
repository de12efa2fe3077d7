"""A lock that lives as long as the processes which hold it."""

import subprocess
import sys
from pathlib import Path

import pytest

from launcher.filelock import is_locked, locked

# A parent that passes the descriptor on to a child of its own, as a postmaster does, and then ends.
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "input()"], pass_fds=[int(sys.argv[1])])
"""


def test_a_lock_is_held_inside_the_block_only(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"):
        assert is_locked(tmp_path / "lock")
    assert not is_locked(tmp_path / "lock")


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(BlockingIOError), locked(tmp_path / "lock"):
        pass


def test_a_lock_is_held_until_the_last_descendant_has_ended(tmp_path: Path) -> None:
    with locked(tmp_path / "lock") as descriptor:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(descriptor)], stdin=subprocess.PIPE, pass_fds=[descriptor]
        )
    assert parent.wait() == 0
    assert is_locked(tmp_path / "lock")
    assert parent.stdin is not None
    parent.stdin.close()  # the grandchild waits for this
    with locked(tmp_path / "lock", wait=True):
        pass

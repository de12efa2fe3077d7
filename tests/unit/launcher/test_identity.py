"""Which process a number means."""

import os
import subprocess
import sys

from launcher.identity import birth

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_birth_stays_the_same_while_the_process_lives() -> None:
    assert birth(os.getpid()) == birth(os.getpid()) is not None


def test_two_processes_have_two_births() -> None:
    with subprocess.Popen(SLEEP) as child:
        assert birth(child.pid) != birth(os.getpid())
        child.kill()


def test_a_process_that_has_ended_has_no_birth() -> None:
    with subprocess.Popen(SLEEP) as child:
        child.kill()
    assert birth(child.pid) is None


def test_a_process_that_ended_unnoticed_has_no_birth() -> None:
    """A zombie keeps its number until its parent looks."""
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read()  # ends when it has ended, or is about to
        while birth(child.pid) is not None:
            pass
        os.kill(child.pid, 0)  # the number is still its own

"""The whole system as its users start it: `laksa up` in a state folder of this run's own."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from launcher.paths import Paths, throwaway_paths

LAKSA = [sys.executable, "-m", "launcher.cli"]


@dataclass(frozen=True)
class Stack:
    """A running system, driven by its own console script."""

    environment: dict[str, str]

    def laksa(self, *arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [*LAKSA, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    def status(self) -> dict[str, Any]:
        """What `laksa status --json` says."""
        answer = self.laksa("status", "--json")
        assert answer.returncode == 0, answer.stderr
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    async def all_ready(self, timeout: float = 30) -> dict[str, Any]:
        """Wait until every service answers; returns the status."""
        async with asyncio.timeout(timeout):
            while True:
                status = await asyncio.to_thread(self.status)
                if all(service["ready"] for service in status["services"].values()):
                    return status
                await asyncio.sleep(0.1)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One system for all end-to-end tests; each test looks only at its own complaints."""
    with throwaway_paths() as paths:
        _bring_default_model(paths.state)
        stack = Stack({**os.environ, "LAKSA_STATE_DIR": str(paths.state)})
        started = stack.laksa("up", "--json")
        assert started.returncode == 0, started.stderr + started.stdout
        try:
            yield stack
        finally:
            stopped = stack.laksa("down")
            assert stopped.returncode == 0, stopped.stderr


def _bring_default_model(state: Path) -> None:
    """`make setup` has trained it once; training it again would tell nothing new."""
    trained = Paths.of_project().default_model
    if trained.exists():
        shutil.copytree(trained.parent, state / "models")

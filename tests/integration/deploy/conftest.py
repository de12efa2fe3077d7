"""Programs that not every machine has."""

import os
from collections.abc import Callable

import pytest

from launcher.monitoring import INSTALLING, find_program

Find = Callable[..., str]


@pytest.fixture(scope="session")
def program() -> Find:
    """Finds an installed program by any of its names; without one the test is skipped by name.

    With LAKSA_TEST_REQUIRE_TOOLS=1, on a machine that can install it, the test fails instead.
    """

    def find(*names: str) -> str:
        if found := find_program(*names):
            return found
        missing = f"{names[0]} is not installed: {INSTALLING}"
        if os.environ.get("LAKSA_TEST_REQUIRE_TOOLS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)

    return find

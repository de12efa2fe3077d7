"""Programs that not every machine has."""

import os

import pytest

from launcher.monitoring import INSTALLING, find_program


def program(*names: str) -> str:
    """The path of an installed program, by any of its names; without one the test is skipped by name.

    With LAKSA_TEST_REQUIRE_TOOLS=1, on a machine that can install it, the test fails instead.
    """
    if found := find_program(*names):
        return found
    missing = f"{names[0]} is not installed: {INSTALLING}"
    if os.environ.get("LAKSA_TEST_REQUIRE_TOOLS") == "1":
        pytest.fail(missing)
    pytest.skip(missing)

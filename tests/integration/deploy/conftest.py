"""Programs that not every machine has."""

from collections.abc import Callable

import pytest

from tests import tools

Find = Callable[..., str]


@pytest.fixture(scope="session")
def program() -> Find:
    """Finds an installed program by any of its names, or skips the test; see `tests.tools.program`."""
    return tools.program

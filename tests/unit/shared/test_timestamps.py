"""A record's timestamp is whatever its producer wrote, and never an error."""

from datetime import UTC, datetime

import pytest

from shared.kafka import time_of
from tests.factories import record


def test_the_timestamp_of_a_record_is_milliseconds_since_1970() -> None:
    assert time_of(record(None, at=1_795_486_500_123)) == datetime(2026, 11, 24, 2, 15, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(("milliseconds", "year"), [(-(10**15), 1970), (-1, 1970), (10**15, 8999), (2**63 - 1, 8999)])
def test_a_timestamp_outside_the_calendar_is_its_edge(milliseconds: int, year: int) -> None:
    assert time_of(record(None, at=milliseconds)).year == year

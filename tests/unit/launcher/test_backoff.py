"""How long a dead part waits for its next start."""

from itertools import pairwise

from launcher.keeper import Backoff

AT_ONCE = 1.0
LONGEST = 5.0
HEALTHY = 10.0


def test_the_first_start_again_comes_within_a_second() -> None:
    assert Backoff().after(healthy_seconds=0) < AT_ONCE


def test_the_wait_doubles_up_to_five_seconds() -> None:
    backoff = Backoff()
    waits = [backoff.after(healthy_seconds=0) for _ in range(8)]
    assert all(later in (earlier * 2, LONGEST) for earlier, later in pairwise(waits))
    assert waits[-1] == LONGEST


def test_a_part_that_was_well_for_ten_seconds_starts_again_at_once() -> None:
    backoff = Backoff()
    for _ in range(8):
        backoff.after(healthy_seconds=HEALTHY - 1)
    assert backoff.after(healthy_seconds=HEALTHY) < AT_ONCE

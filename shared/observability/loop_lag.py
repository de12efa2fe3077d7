"""How late the event loop is: a task sleeps and sees how much too long it slept."""

import asyncio
from collections.abc import Callable
from time import monotonic

EVERY_SECONDS = 0.05
WINDOW_SECONDS = 15.0
"""Longer than Prometheus waits between two looks, so that no delay falls between them."""


async def watch_loop_lag(show: Callable[[float], None]) -> None:
    """Tell `show`, until cancelled, the longest delay in seconds of the last 15 to 30 s."""
    began, before, longest = monotonic(), 0.0, 0.0
    while True:
        asleep = monotonic()
        await asyncio.sleep(EVERY_SECONDS)
        awake = monotonic()
        longest = max(longest, awake - asleep - EVERY_SECONDS)
        show(max(before, longest))
        if awake - began >= WINDOW_SECONDS:
            began, before, longest = awake, longest, 0.0

"""The event loop's lag is how much longer than asked for a task sleeps."""

import asyncio
import time

from shared.observability.loop_lag import watch_loop_lag


async def test_work_that_holds_the_loop_shows_for_as_long_as_it_held_it() -> None:
    shown: list[float] = []
    watching = asyncio.create_task(watch_loop_lag(shown.append))
    await asyncio.sleep(0.06)
    time.sleep(0.2)  # noqa: ASYNC251  # that is the fault to be seen
    await asyncio.sleep(0.12)
    watching.cancel()
    assert max(shown) >= 0.14
    assert shown[-1] == max(shown), "a delay is shown until a scrape has surely seen it"


async def test_waiting_is_no_lag() -> None:
    shown: list[float] = []
    watching = asyncio.create_task(watch_loop_lag(shown.append))
    await asyncio.sleep(0.2)
    watching.cancel()
    assert shown
    assert min(shown) < 0.05

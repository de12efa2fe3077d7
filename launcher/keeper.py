"""Keep one part running, whatever ends it."""

import asyncio
import logging
import time

from launcher.errors import LauncherError
from launcher.ledger import Ledger
from launcher.part import Part
from launcher.process import Process, spawn

_FIRST_DELAY_SECONDS = 0.25
_LONGEST_DELAY_SECONDS = 5.0
_HEALTHY_SECONDS = 10.0
_DEATHS_BEFORE_FIRST_READY = 3
_LOOK_SECONDS = 0.1
_PROBE_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Backoff:
    """How long to wait before the next start: doubling up to a bound, from the beginning again after a healthy life."""

    def __init__(self) -> None:
        self._delay = _FIRST_DELAY_SECONDS

    def after(self, healthy_seconds: float) -> float:
        """The seconds to wait after a life that served for so long."""
        if healthy_seconds >= _HEALTHY_SECONDS:
            self._delay = _FIRST_DELAY_SECONDS
        delay, self._delay = self._delay, min(self._delay * 2, _LONGEST_DELAY_SECONDS)
        return delay


class Keeper:
    """Starts its part again and again. It gives up only on a vital part that has never served, after three deaths."""

    def __init__(self, part: Part, ledger: Ledger, *, vital: bool = True) -> None:
        self.part = part
        self.vital = vital
        self.deaths = 0
        self.served = asyncio.Event()
        self._ledger = ledger
        self._process: Process | None = None
        self._ready_since: float | None = None

    @property
    def pid(self) -> int | None:
        """The living process; None while there is none."""
        process = self._process
        return None if process is None or process.exit_code is not None else process.pid

    async def keep(self) -> None:
        """Run the part until cancelled, which leaves its process running for `stop`."""
        backoff = Backoff()
        while True:
            reason = await self._one_life()
            self.deaths += 1
            if self.vital and not self.served.is_set() and self.deaths >= _DEATHS_BEFORE_FIRST_READY:
                raise LauncherError(
                    f"{self.part.name} does not start: {reason}.",
                    remedy="see its log; `laksa doctor` looks at what it needs",
                    log=self.part.command().log,
                )
            delay = backoff.after(self._healthy_seconds())
            logger.warning("%s: %s; starting it again in %.2f s", self.part.name, reason, delay)
            await asyncio.sleep(delay)

    async def answers(self) -> bool:
        """Whether the part serves now; an answer that takes more than a second is none."""
        if self.pid is None:
            return False
        try:
            return await asyncio.wait_for(asyncio.to_thread(self.part.is_ready), _PROBE_SECONDS)
        except TimeoutError:
            return False

    async def stop(self) -> None:
        """End the process. `keep` must have been cancelled before, or it would start the next one."""
        if self._process is not None:
            await asyncio.to_thread(self._process.stop)

    async def _one_life(self) -> str:
        """Start the part, watch it until it ends, and say how it did."""
        self._ready_since = None
        try:
            await asyncio.to_thread(self.part.prepare)
            # Not in a thread: the kernel ties the life of a child to the thread that made it.
            self._process = spawn(self.part.command())
        except (LauncherError, OSError) as error:
            return str(error)
        self._record(self._process)
        while (code := self._process.exit_code) is None:
            if self._ready_since is None and await self.answers():
                self._note_ready()
            await asyncio.sleep(_LOOK_SECONDS)
        return f"it ended with {code}"

    def _record(self, process: Process) -> None:
        try:
            self._ledger.record(self.part.name, process.pid, process.stop_signal)
        except OSError as error:  # a full disk, say: the part runs all the same
            logger.warning("%s: cannot be recorded: %s", self.part.name, error)

    def _note_ready(self) -> None:
        self._ready_since = time.monotonic()
        self.served.set()
        logger.info("%s serves (process %s)", self.part.name, self.pid)

    def _healthy_seconds(self) -> float:
        return 0.0 if self._ready_since is None else time.monotonic() - self._ready_since

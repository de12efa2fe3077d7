"""The one process that outlives `laksa up`: starts every part in order, keeps it running, stops it in order.

`python -m launcher.supervisor`. Its log tells how the start goes; `launcher.control` is how commands reach it.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from launcher.control import Answer, answering
from launcher.errors import LauncherError
from launcher.filelock import locked
from launcher.keeper import Keeper
from launcher.ledger import Ledger
from launcher.monitoring import INSTALLING
from launcher.part import Part
from launcher.paths import Paths
from launcher.ports import claimed_ports
from launcher.process import run_to_end
from launcher.report import Phase, describe
from launcher.system import DEFAULT_PORTS, System, asked_ports, compose_system

_START_SECONDS = 90.0

logger = logging.getLogger(__name__)


class Supervisor:
    """Runs one system from its first process to its last."""

    def __init__(self, paths: Paths, system: System, ledger: Ledger) -> None:
        self._paths = paths
        self._system = system
        self._phase = Phase.STARTING
        self._stop_asked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers = _keepers(ledger, system.kafka, system.postgres)
        self._services = _keepers(ledger, *system.services)
        self._monitoring = _keepers(ledger, system.prometheus, system.alertmanager, system.alert_log, vital=False)

    async def run(self) -> None:
        """Start everything and keep it running until SIGTERM, SIGINT or a `stop`; afterwards nothing is left running.

        LauncherError when a part does not start, or not all of them within 90 s.
        """
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(32))
        for which in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(which, self._stop_asked.set)
        async with answering(self._paths.control, {"status": self._status, "stop": self._stop_when_asked}):
            try:
                await self._unless_stopped(self._start())
                await self._unless_stopped(self._watch())
            finally:
                self._phase = Phase.STOPPING
                await self._stop()

    async def _start(self) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._serve(self._servers)
                await asyncio.to_thread(_provision, self._paths, self._system)
                self._keep(self._monitoring)
                await self._serve(self._services)
        except TimeoutError:
            raise self._not_serving() from None
        self._phase = Phase.RUNNING
        logger.info("everything serves")

    async def _watch(self) -> None:
        """Wait for what must not happen: the end of a keeper."""
        await asyncio.gather(*self._tasks)

    async def _stop(self) -> None:
        """Services first, so that what they have in hand still finds its broker and its database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stage in ([*self._services, *self._monitoring], self._servers):
            await asyncio.gather(*(keeper.stop() for keeper in stage))
        logger.info("everything has stopped")

    def _keep(self, keepers: Iterable[Keeper]) -> None:
        self._tasks += [asyncio.create_task(keeper.keep(), name=keeper.part.name) for keeper in keepers]

    async def _serve(self, keepers: list[Keeper]) -> None:
        """Return when all of them have begun to serve; raise when one of any stage gives up."""
        self._keep(keepers)
        all_serve = asyncio.create_task(_all_served(keepers))
        try:
            done, _ = await asyncio.wait({all_serve, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            all_serve.cancel()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work to its end, or until somebody asks to stop."""
        working = asyncio.create_task(work)
        asked = asyncio.create_task(self._stop_asked.wait())
        await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
        if not working.cancelled():
            working.result()

    async def _status(self) -> Answer:
        return await describe(self._phase, self._system, self._keepers)

    async def _stop_when_asked(self) -> Answer:
        self._stop_asked.set()
        return {"stopping": True, "pid": os.getpid()}

    @property
    def _keepers(self) -> list[Keeper]:
        return [*self._servers, *self._services, *self._monitoring]

    def _not_serving(self) -> LauncherError:
        late = [keeper.part for keeper in self._keepers if keeper.vital and not keeper.served.is_set()]
        names = ", ".join(part.name for part in late) or "the migrations"
        return LauncherError(
            f"Not ready after {_START_SECONDS:.0f} s: {names}.",
            remedy="is this machine overloaded? `laksa doctor` looks at what is needed",
            log=late[0].command().log if late else self._paths.log("provision"),
        )


def supervise(paths: Paths) -> None:
    """Be the supervisor of this state folder until told to end. LauncherError when there is one or the start fails."""
    paths.make_state()
    with ExitStack() as held:
        try:
            held.enter_context(locked(paths.run / "supervisor.lock"))
        except BlockingIOError:
            raise LauncherError(f"A supervisor of {paths.state} runs already.", remedy="see `laksa status`") from None
        ledger = Ledger(paths.ledger)
        if left := ledger.end_leftovers():
            logger.warning("ended what an earlier supervisor had left running: %s", ", ".join(left))
        ledger.record("supervisor", os.getpid(), signal.SIGTERM)
        ports = held.enter_context(claimed_ports(DEFAULT_PORTS, asked_ports(), paths.run / "ports.json"))
        _run(paths, compose_system(paths, ports), ledger)


def _run(paths: Paths, system: System, ledger: Ledger) -> None:
    if system.prometheus is None or system.alertmanager is None:
        logger.warning("NO ALERTS, NO GRAPHS: Prometheus or Alertmanager is not installed. %s", INSTALLING)
    # We only ask whether the broker is there yet; that it is not is no error.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    asyncio.run(Supervisor(paths, system, ledger).run())


def main() -> int:
    """The background process of `laksa up`: its failure is left in a file for whoever waits for it."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    paths = Paths.of_project()
    try:
        supervise(paths)
    except LauncherError as error:
        logger.error("%s", error)
        paths.start_failure.write_text(str(error), encoding="utf-8")
        return 1
    return 0


async def _all_served(keepers: Iterable[Keeper]) -> None:
    for keeper in keepers:
        await keeper.served.wait()


def _keepers(ledger: Ledger, *parts: Part | None, vital: bool = True) -> list[Keeper]:
    return [Keeper(part, ledger, vital=vital) for part in parts if part is not None]


def _provision(paths: Paths, system: System) -> None:
    """In a process of its own: it needs libraries that the supervisor would carry along for the rest of its life."""
    run_to_end(
        (sys.executable, "-m", "launcher.provision"),
        doing="Making the tables and the topics",
        log=paths.log("provision"),
        environment={"LAKSA_POSTGRES_DSN": system.dsn, "LAKSA_KAFKA_BOOTSTRAP": system.kafka.bootstrap},
    )


if __name__ == "__main__":
    sys.exit(main())

"""What `laksa status` says: names that outsiders rely on, so only ever added to."""

import asyncio
import os
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from launcher.keeper import Keeper
from launcher.monitoring import Alertmanager, Prometheus
from launcher.system import System


class Phase(StrEnum):
    """Where in its life a supervisor is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


async def describe(phase: Phase, system: System, keepers: Iterable[Keeper]) -> dict[str, Any]:
    """Every part with its address, whether it answers now, its process (null while it restarts) and its restarts."""
    by_name = {keeper.part.name: keeper for keeper in keepers}
    states = dict(zip(by_name, await asyncio.gather(*map(_state, by_name.values())), strict=True))
    absent = {"pid": None, "ready": None, "restarts": 0}
    return {
        "phase": phase,
        "supervisor": {"pid": os.getpid()},
        "kafka": {"bootstrap": system.kafka.bootstrap, **states["kafka"]},
        "postgres": {"dsn": system.dsn, **states.get("postgres", absent)},
        "services": {service.name: {"url": service.url, **states[service.name]} for service in system.services},
        "prometheus": {"url": _url(system.prometheus), **states.get("prometheus", absent)},
        "alertmanager": {"url": _url(system.alertmanager), **states.get("alertmanager", absent)},
    }


async def _state(keeper: Keeper) -> dict[str, Any]:
    return {"ready": await keeper.answers(), "pid": keeper.pid, "restarts": keeper.deaths}


def _url(part: Prometheus | Alertmanager | None) -> str | None:
    return None if part is None else part.url

"""Which model comes after which: what operators ask for, each in its caller's transaction. Routers follow the rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.router.domain import ModelStatus
from services.router.store import ModelStore
from shared.errors import LaksaError
from shared.postgres import Connection


class NotInOrder(LaksaError):
    """A model cannot have the turn that was asked for. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A model in the list. `replaced` is the version that was active before it, None the one routers start with."""

    version: str
    file_name: str
    file_sha256: str
    status: ModelStatus
    manifest: Mapping[str, Any]
    gate: Mapping[str, Any] | None
    replaced: str | None
    registered_at: datetime
    changed_at: datetime

    @property
    def refusals(self) -> list[str]:
        """What speaks against it, in words; empty when it passed the gate."""
        return ["it was never judged"] if self.gate is None else list(self.gate["refusals"])


class Succession:
    """Changes of turn, one after the other, whoever asks for them. None changes a file."""

    def __init__(self, connection: Connection) -> None:
        self._store = ModelStore(connection)

    async def models(self) -> list[Registered]:
        """Every registered model, the newest first."""
        return [_registered(row) for row in await self._store.registered()]

    async def promote(self, version: str | None, shipped_version: str) -> str:
        """Let a challenger that passed the gate decide, by default the newest; returns its version.

        It must have been judged against the model that decides now. `shipped_version` decides when no row does.
        """
        await self._store.lock()
        models = await self.models()
        challenger = self._challenger(models, version)
        active = _with_status(models, "active")
        champion = active.version if active else shipped_version
        if challenger.refusals:
            raise NotInOrder(f"{challenger.version} did not pass the gate: {'; '.join(challenger.refusals)}")
        if challenger.gate and challenger.gate["champion_version"] != champion:
            judged = challenger.gate["champion_version"]
            raise NotInOrder(f"{challenger.version} was judged against {judged}, now {champion} decides: train again")
        await self._put_to_work(challenger, active)
        return challenger.version

    async def activate(self, version: str, *, without_gate: bool = False) -> None:
        """Let a model decide that passed the gate or decided before; any model `without_gate`."""
        await self._store.lock()
        models = await self.models()
        model, active = _find(models, version), _with_status(models, "active")
        if active and active.version == version:
            raise NotInOrder(f"{version} decides already")
        if model.refusals and model.status != "retired" and not without_gate:
            raise NotInOrder(f"{version} did not pass the gate ({'; '.join(model.refusals)}): see --without-gate")
        await self._put_to_work(model, active)

    async def roll_back(self) -> str | None:
        """Let the model before the present one decide; returns its version, None for the one routers start with."""
        await self._store.lock()
        models = await self.models()
        active = _with_status(models, "active")
        if active is None:
            raise NotInOrder("the model that routers are started with decides: there is none before it")
        await self._store.set_status(active.version, "retired")
        if active.replaced:
            await self._store.set_status(active.replaced, "active")
        return active.replaced

    async def shadow(self, version: str | None) -> None:
        """Ask a model beside the one that decides, in place of the last one; None ends it."""
        await self._store.lock()
        models = await self.models()
        model = _find(models, version) if version else None
        if model and model.status == "active":
            raise NotInOrder(f"{version} decides: there is nothing to compare it with")
        if last := _with_status(models, "shadow"):
            await self._store.set_status(last.version, "candidate")
        if model:
            await self._store.set_status(model.version, "shadow")

    async def _put_to_work(self, model: Registered, active: Registered | None) -> None:
        if active:
            await self._store.set_status(active.version, "retired")
        await self._store.set_status(model.version, "active")
        await self._store.set_replaced(model.version, active.version if active else None)

    @staticmethod
    def _challenger(models: list[Registered], version: str | None) -> Registered:
        if version:
            return _find(models, version)
        challengers = [model for model in models if model.status in ("candidate", "shadow")]
        if not challengers:
            raise NotInOrder("there is no challenger: `laksa train --corrections` makes one")
        return challengers[0]


def _registered(row: Mapping[str, Any]) -> Registered:
    gate = json.loads(row["gate"]) if row["gate"] else None
    return Registered(**{**row, "manifest": json.loads(row["manifest"]), "gate": gate})


def _with_status(models: list[Registered], status: ModelStatus) -> Registered | None:
    return next((model for model in models if model.status == status), None)


def _find(models: list[Registered], version: str) -> Registered:
    for model in models:
        if model.version == version:
            return model
    raise NotInOrder(f"no model {version} is registered: `laksa model list` shows which are")

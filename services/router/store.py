"""The router's tables, by named query."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.router.domain import STEPS, Label, ModelStatus
from shared.postgres import Connection
from shared.queries import load, rows

queries = load("services.router")


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered model's file: where it is below the models folder, and what it and its manifest have to be."""

    version: str
    file_name: str
    file_sha256: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which models are to be at work (None: no registered one), and the day by which topics have their departments."""

    today: date
    active: Entry | None
    shadow: Entry | None


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction that was found now: what kind, and the department that was wrong."""

    kind: str
    from_department: str


@dataclass(frozen=True, slots=True)
class Spread:
    """A model's decisions, before and lately: counts by step of confidence, and the mean share of unknown words."""

    before: tuple[int, ...]
    lately: tuple[int, ...]
    unknown_share: float | None


class RouterStore:
    """Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def decide(self, decisions: list[dict[str, Any]]) -> set[UUID]:
        """Store decisions on complaints that have none; returns the complaints decided now."""
        decided = await self._connection.fetch(queries["decide"], rows(decisions))
        return {row["complaint_id"] for row in decided}

    async def keep_changes(self, changes: list[dict[str, Any]]) -> None:
        """Store changes of tickets that are not there yet."""
        await self._connection.execute(queries["keep_changes"], rows(changes))

    async def settle(self, complaint_ids: Sequence[UUID]) -> list[Correction]:
        """Compare changes with decisions; each change once, and only where there is a decision."""
        found = await self._connection.fetch(queries["settle_changes"], complaint_ids)
        return [Correction(row["kind"], row["from_department"]) for row in found]

    async def awaited_decisions(self, limit: int) -> list[UUID]:
        """Complaints whose decision came after changes of their ticket."""
        return [row["complaint_id"] for row in await self._connection.fetch(queries["awaited_decisions"], limit)]

    async def labels(self, limit: int) -> list[Label]:
        """The newest labels that people gave, oldest first."""
        return [Label(**row) for row in await self._connection.fetch(queries["labels"], limit)]

    async def forget(self, before: datetime, limit: int) -> int:
        """Delete what was kept before a moment, at most so many rows of each kind; returns how many went."""
        forgotten: int = await self._connection.fetchval(queries["forget"], before, limit)
        return forgotten


class ModelStore:
    """Which models there are and which are at work. Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def wanted(self) -> Wanted:
        """The models to be at work now."""
        found = await self._connection.fetch(queries["models_at_work"])
        entries = {row["role"]: _entry(row) for row in found}
        return Wanted(found[0]["today"], entries["active"], entries["shadow"])

    async def lock(self) -> None:
        """Until the transaction ends nobody else changes which models are at work."""
        await self._connection.execute(queries["lock_models"])

    async def register(self, entry: Entry, gate: Mapping[str, Any] | None) -> None:
        """Keep a model as a candidate, with the gate's figures if it was judged."""
        await self._connection.execute(
            queries["register_model"],
            entry.version,
            entry.file_name,
            entry.file_sha256,
            json.dumps(entry.manifest),
            json.dumps(gate) if gate else None,
        )

    async def registered(self) -> list[dict[str, Any]]:
        """All models, newest first; `manifest` and `gate` are JSON texts."""
        return [dict(row) for row in await self._connection.fetch(queries["registered_models"])]

    async def set_status(self, version: str, status: ModelStatus) -> None:
        """Give a model its turn, or end it."""
        await self._connection.execute(queries["set_status"], version, status)

    async def set_replaced(self, version: str, replaced: str | None) -> None:
        """Remember what a model took the place of."""
        await self._connection.execute(queries["set_replaced"], version, replaced)

    async def shadow_waiting(self, version: str, limit: int) -> list[dict[str, Any]]:
        """Complaints that the shadow model is to be asked about, held until the transaction ends."""
        return [dict(row) for row in await self._connection.fetch(queries["shadow_waiting"], version, limit)]

    async def keep_shadow(self, decisions: list[dict[str, Any]]) -> None:
        """What the shadow model would have decided."""
        await self._connection.execute(queries["keep_shadow"], rows(decisions))


class FigureStore:
    """What a scrape asks about decisions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def decided_lately(self, within: timedelta) -> Mapping[str, int]:
        """How many were `decided`, and how many of them `without_person`."""
        return dict(await self._connection.fetchrow(queries["decided_lately"], within))

    async def agreed(self, within: timedelta, stretch: timedelta) -> Mapping[str, int]:
        """How many were `automatic` in a stretch that ended `within` ago, and how many of them nobody corrected."""
        return dict(await self._connection.fetchrow(queries["agreed"], within, stretch))

    async def spread(self, version: str, lately: timedelta, stretch: timedelta) -> Spread:
        """How one model's decisions of `lately`, and of the `stretch` up to then, spread over confidence."""
        found = await self._connection.fetch(queries["confidence_spread"], version, lately, stretch)
        counts = {(row["recent"], row["step"]): row["decisions"] for row in found}
        known = [row for row in found if row["recent"] and row["unknown_share"] is not None]
        total = sum(row["decisions"] for row in known)
        return Spread(
            before=tuple(counts.get((False, step), 0) for step in range(STEPS)),
            lately=tuple(counts.get((True, step), 0) for step in range(STEPS)),
            unknown_share=sum(row["unknown_share"] * row["decisions"] for row in known) / total if total else None,
        )

    async def shadow_agreement(self) -> Mapping[str, int]:
        """Complaints `waiting` for the shadow model, `asked` about, and how many of those `agreed`."""
        return dict(await self._connection.fetchrow(queries["shadow_agreement"]))


def _entry(row: Mapping[str, Any]) -> Entry | None:
    if row["version"] is None:
        return None
    return Entry(row["version"], row["file_name"], row["file_sha256"], json.loads(row["manifest"]))

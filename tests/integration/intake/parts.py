"""Intake put together for tests, with fixed keys."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from prometheus_client import CollectorRegistry

from services.intake import handlers
from services.intake.domain import DEAD_LETTER_REASONS
from services.intake.metrics import Metrics
from services.intake.usecases import Keys, RegisterComplaints
from shared.dead_letters import DeadLetters
from shared.events.topics import COMPLAINTS_SUBMITTED
from shared.kafka import Record
from shared.observability.metrics import PlumbingMetrics
from shared.postgres import Database
from shared.privacy.encryption import Vault
from shared.privacy.keys import derive

MASTER = bytes(range(32))
KEYS = Keys(derive(MASTER, "ticket-number"), derive(MASTER, "content"), derive(MASTER, "pseudonym"))
CONTACTS = Vault(derive(MASTER, "contacts"))
VAULT = Vault(derive(MASTER, "vault"))

_WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database
    WHERE NOT granted AND datname = current_database()
"""


@dataclass(frozen=True)
class Intake:
    """The use case and what tests look at."""

    register: RegisterComplaints
    database: Database
    registry: CollectorRegistry

    async def read(self, *records: Record) -> None:
        """Handle one batch from Kafka; a handler that never ends fails."""
        async with asyncio.timeout(20):
            await handlers.on_submitted(self.register)(records)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of one of intake's tables, in the order in which they were written."""
        async with self.database.acquire() as connection:
            return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY ctid")]  # noqa: S608

    async def complaints(self) -> dict[UUID, dict[str, Any]]:
        """The complaints by id."""
        return {row["complaint_id"]: row for row in await self.rows("complaints")}

    async def events(self) -> list[dict[str, Any]]:
        """What `registered` events say, in order."""
        rows = await self.rows("outbox")
        return [json.loads(row["value"]) for row in rows if row["topic"] == "laksa.complaints.registered.v1"]

    async def reasons(self) -> list[str]:
        """Why records are dead letters, in order."""
        return [row["reason"] for row in await self.rows("dead_letters")]

    async def secret(self, complaint_id: UUID) -> dict[str, Any] | None:
        """What the vault holds of a complaint."""
        sealed = {row["complaint_id"]: row["sealed"] for row in await self.rows("contacts")}.get(complaint_id)
        if sealed is None:
            return None
        secret: dict[str, Any] = orjson.loads(CONTACTS.open(sealed, bound_to=f"contacts/{complaint_id}"))
        return secret

    def counted(self, name: str, **labels: str) -> float:
        """A counter's value, 0 or more; a counter that does not exist fails."""
        value = self.registry.get_sample_value(name, labels)
        assert value is not None, f"{name} {labels} does not exist"
        return value


async def build_intake(dsn: str, *, connect: bool = True) -> Intake:
    """A worker's parts. Without `connect` it is one that has just started while Postgres is away."""
    registry = CollectorRegistry()
    plumbing = PlumbingMetrics(registry, "intake", [COMPLAINTS_SUBMITTED.name], DEAD_LETTER_REASONS)
    database = Database(dsn, "intake")
    if connect:
        await database.connect()
    register = RegisterComplaints(database, DeadLetters("intake", VAULT), CONTACTS, KEYS, Metrics(registry, plumbing))
    return Intake(register, database, registry)


@asynccontextmanager
async def all_at_once(dsn: str, waiting: int) -> AsyncIterator[None]:
    """Holds back whoever registers inside the block until `waiting` transactions stand in line, then lets all go."""
    connection = await asyncpg.connect(dsn)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE intake.complaints IN SHARE ROW EXCLUSIVE MODE")
    releasing = asyncio.create_task(_release(connection, transaction, waiting))
    try:
        yield
    finally:
        await releasing
        await connection.close()


async def _release(connection: Any, transaction: Any, waiting: int) -> None:
    try:
        async with asyncio.timeout(4):
            while await connection.fetchval(_WAITING) < waiting:
                await asyncio.sleep(0.01)
    finally:
        await transaction.commit()

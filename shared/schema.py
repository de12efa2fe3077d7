"""Migrations: numbered SQL files, applied once each, in order, every one in a transaction of its own."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import structlog

from shared.errors import ConfigurationError
from shared.postgres import Connection

log = structlog.get_logger()

_LEDGER = """
CREATE TABLE IF NOT EXISTS public.laksa_migrations (
    schema     text NOT NULL,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema, name)
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of DDL for one schema. `name` orders it and identifies it for ever."""

    schema: str
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Hash of the text: an applied migration that was edited afterwards is refused."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def plan(services: list[str]) -> list[Migration]:
    """All migrations in the order of application: the clock, then each service's plumbing and own tables."""
    shared_migrations = files("shared").joinpath("migrations")
    steps = _read("clock", "clock", shared_migrations.joinpath("clock"))
    for service in services:
        steps += _read(service, "plumbing", shared_migrations.joinpath("plumbing"))
        steps += _read(service, service, files(f"services.{service}").joinpath("migrations"))
    return steps


def _read(schema: str, origin: str, folder: Traversable) -> list[Migration]:
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [Migration(schema, f"{origin}/{name}", folder.joinpath(name).read_text("utf-8")) for name in names]


async def apply(connection: Connection, migrations: list[Migration]) -> list[str]:
    """Bring the database up to date; returns what was applied now. Two at once wait for each other."""
    await connection.execute("SELECT pg_advisory_lock(hashtextextended('laksa.migrations', 0))")
    try:
        await connection.execute(_LEDGER)
        done = {(r["schema"], r["name"]): r["sha256"] for r in await connection.fetch(
            "SELECT schema, name, sha256 FROM public.laksa_migrations")}  # fmt: skip
        applied = []
        for migration in migrations:
            if _is_pending(migration, done.get((migration.schema, migration.name))):
                await _apply_one(connection, migration)
                applied.append(f"{migration.schema}: {migration.name}")
        return applied
    finally:
        await connection.execute("SELECT pg_advisory_unlock(hashtextextended('laksa.migrations', 0))")


def _is_pending(migration: Migration, applied_sha256: str | None) -> bool:
    if applied_sha256 is not None and applied_sha256 != migration.sha256:
        raise ConfigurationError(
            f"{migration.name} was applied to schema {migration.schema} and edited afterwards; add a migration instead"
        )
    return applied_sha256 is None


async def _apply_one(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {migration.schema}")
        await connection.execute(f"SET LOCAL search_path = {migration.schema}")
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO public.laksa_migrations (schema, name, sha256) VALUES ($1, $2, $3)",
            migration.schema, migration.name, migration.sha256,
        )  # fmt: skip
    log.info("migration applied", schema=migration.schema, migration=migration.name)

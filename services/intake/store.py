"""Intake's tables, by named query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from shared.postgres import Connection
from shared.queries import load, rows

queries = load("services.intake")


class NumberTaken(Exception):
    """A ticket number of the batch belongs to another complaint; the transaction is lost, the batch is not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A complaint that is stored: the first content under its id."""

    ticket_number: str
    content_digest: bytes


class IntakeStore:
    """Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def register(self, complaints: list[dict[str, Any]]) -> set[UUID]:
        """Insert what is new; returns the ids inserted. Raises NumberTaken on a collision of ticket numbers."""
        try:
            inserted = await self._connection.fetch(queries["register"], rows(complaints))
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "complaints_ticket_number_unique":
                raise
            raise NumberTaken from error
        return {row["complaint_id"] for row in inserted}

    async def standing(self, complaint_ids: Sequence[UUID]) -> dict[UUID, Standing]:
        """What stands under these ids, as far as this statement can see."""
        found = await self._connection.fetch(queries["standing"], list(complaint_ids))
        return {row["complaint_id"]: Standing(row["ticket_number"], row["content_digest"]) for row in found}

    async def numbers_taken(self, ticket_numbers: Sequence[str]) -> set[str]:
        """Which of these numbers are in use."""
        found = await self._connection.fetch(queries["numbers_taken"], list(ticket_numbers))
        return {row["ticket_number"] for row in found}

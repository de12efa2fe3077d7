"""The router's tables, by named query."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection
from shared.queries import load, rows

queries = load("services.router")


class RouterStore:
    """Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def decide(self, decisions: list[dict[str, Any]]) -> set[UUID]:
        """Store decisions on complaints that have none; returns the complaints decided now."""
        decided = await self._connection.fetch(queries["decide"], rows(decisions))
        return {row["complaint_id"] for row in decided}

"""The notifier's tables, by named query."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection
from shared.queries import load, rows

queries = load("services.notifier")


class NotifierStore:
    """Works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def issue(self, notifications: list[dict[str, Any]]) -> set[UUID]:
        """Store and announce what was not issued before; returns the event ids issued now."""
        issued = await self._connection.fetch(queries["issue"], rows(notifications))
        return {row["event_id"] for row in issued}

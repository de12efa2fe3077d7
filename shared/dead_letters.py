"""Records that cannot be accepted: kept, sealed, and announced once each. They never block and never vanish."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiokafka.structs import ConsumerRecord

from shared.events.dead_letters import DeadLettered, Source
from shared.events.envelope import headers_of
from shared.events.topics import DEAD_LETTER
from shared.ids import event_id
from shared.kafka import time_of
from shared.postgres import Connection, Database
from shared.privacy.encryption import Vault
from shared.queries import load, rows

queries = load("shared")

MAX_KEPT_BYTES = 256 * 1024
KEPT_FOR = timedelta(days=30)
_DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Reject:
    """One bad record and why: `reason` of the contract's closed set, `detail` without any of the record's values."""

    record: ConsumerRecord[Any, Any]
    reason: str
    detail: str
    complaint_id: UUID | None = None

    @property
    def event_id(self) -> UUID:
        """The same however often the record is read."""
        record = self.record
        return event_id(DEAD_LETTER.event_type, record.topic, record.partition, record.offset, record.timestamp)


class DeadLetters:
    """One service's dead letters."""

    def __init__(self, service: str, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def keep(self, connection: Connection, rejects: Sequence[Reject], occurred_at: datetime) -> list[Reject]:
        """Store and announce in the caller's transaction; returns those that were not there before."""
        if not rejects:
            return []
        distinct = {reject.event_id: reject for reject in rejects}
        given = rows([self._row(reject, occurred_at) for reject in distinct.values()])
        return [distinct[row["event_id"]] for row in await connection.fetch(queries["dead_letters_add"], given)]

    async def expire_daily(self, database: Database) -> None:
        """Forget dead letters after 30 days; never returns."""
        while True:
            await database.transact(self._expire)
            await asyncio.sleep(_DAY_SECONDS)

    async def _expire(self, connection: Connection) -> None:
        await connection.execute(queries["dead_letters_expire"], KEPT_FOR)

    def _row(self, reject: Reject, occurred_at: datetime) -> dict[str, Any]:
        record = reject.record
        return {
            "event_id": reject.event_id,
            "topic": record.topic,
            "kafka_partition": record.partition,
            "kafka_offset": record.offset,
            "record_timestamp": time_of(record),
            "reason": reject.reason,
            "detail": reject.detail,
            "complaint_id": reject.complaint_id,
            "sealed": self._sealed(reject),
            "announce_topic": DEAD_LETTER.name,
            "announce_key": _as_text(record.key),
            "announcement": self._announcement(reject, occurred_at).model_dump_json(),
            "occurred_at": occurred_at,
            "traceparent": headers_of(record.headers).traceparent,
        }

    def _sealed(self, reject: Reject) -> str | None:
        if reject.record.value is None:
            return None
        sealed = self._vault.seal(reject.record.value[:MAX_KEPT_BYTES], bound_to=f"dead_letters/{reject.event_id}")
        return base64.b64encode(sealed).decode()

    def _announcement(self, reject: Reject, occurred_at: datetime) -> DeadLettered:
        record = reject.record
        return DeadLettered(
            event_id=reject.event_id,
            occurred_at=occurred_at,
            complaint_id=reject.complaint_id,
            service=self._service,
            reason=reject.reason,
            detail=reject.detail,
            source=Source(topic=record.topic, partition=record.partition, offset=record.offset),
        )


def _as_text(key: bytes | None) -> str | None:
    """The bad record's key, as far as it is text; a record without a key is announced without one."""
    return None if key is None else key.decode("utf-8", "replace").replace("\0", "")[:200]

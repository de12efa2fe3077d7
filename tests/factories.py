"""Synthetic complaints and Kafka records; whatever a test does not name is plausible and harmless."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from aiokafka.structs import ConsumerRecord

from shared.events import ComplaintSubmitted
from shared.events.topics import COMPLAINTS_SUBMITTED
from shared.kafka import Record

NIK = "3671054508900003"
"""A made-up woman of Tangerang, born on 5 August 1990: the day is written 45."""
PHONE = "0812-3456-7890"
EMAIL = "siti.aminah@contoh.id"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

_offsets = count()


def posting(**changes: Any) -> dict[str, Any]:
    """A complaint as the app posts it, a minute ago, with only what is required."""
    return {
        "complaint_id": str(uuid4()),
        "submitted_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "channel": "tangerang_live",
        "text": "Lampu jalan di depan SDN 3 Cipondoh mati sudah seminggu, mohon diperbaiki",
    } | changes


def full_posting(**changes: Any) -> dict[str, Any]:
    """The same with everything that an app can say."""
    return posting(
        location={
            "lat": -6.19, "lon": 106.66, "address": "Jl. KH Hasyim Ashari", "kecamatan": "Cipondoh",
            "kelurahan": "Poris Plawad",
        },
        reporter={"name": "Siti Aminah", "nik": NIK, "phone": PHONE, "email": EMAIL},
        confidential=False,
        attachments=[{"url": "https://foto.contoh.id/1.jpg", "media_type": "image/jpeg", "sha256": "ab" * 32}],
    ) | changes  # fmt: skip


def submitted(**changes: Any) -> ComplaintSubmitted:
    """A decoded complaint."""
    return ComplaintSubmitted.model_validate(posting(**changes))


def record(
    value: bytes | dict[str, Any] | None,
    *,
    key: bytes | None = None,
    headers: Iterable[tuple[str, bytes | None]] = (),
    topic: str = COMPLAINTS_SUBMITTED.name,
    partition: int = 0,
    offset: int | None = None,
    at: datetime | int | None = None,
) -> Record:
    """A record as the consumer gets it. `at` is its timestamp, now by default; a number is milliseconds."""
    if isinstance(value, dict):
        value = json.dumps(value).encode()
    moment = datetime.now(UTC) if at is None else at
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=next(_offsets) if offset is None else offset,
        timestamp=int(moment.timestamp() * 1000) if isinstance(moment, datetime) else moment,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple(headers),
    )


def complaint_id_of(given: dict[str, Any]) -> UUID:
    """The id in a posting."""
    return UUID(given["complaint_id"])

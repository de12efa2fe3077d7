"""Identifiers: time-ordered ones made here, and event ids that come out the same again after a restore."""

import secrets
import time
from uuid import NAMESPACE_URL, UUID, uuid5

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:laksa:events")


def event_id(event_type: str, *parts: object) -> UUID:
    """UUIDv5 of the event's type and what makes it unique (complaint and version, or complaint and cause)."""
    return uuid5(_NAMESPACE, "/".join([event_type, *map(str, parts)]))


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): milliseconds since 1970 first, so that index pages fill in order."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)

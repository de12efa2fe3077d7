"""Intake's rules: what is accepted, under which number, and what a repeat is. Pure; time is passed in."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from shared.events import ComplaintSubmitted
from shared.events.decoding import UNDECODABLE_REASONS

MIN_TEXT_CHARACTERS = 3
MAX_TEXT_CHARACTERS = 5_000
OLDEST = timedelta(days=366)
NEWEST = timedelta(minutes=10)

CHANNELS = (
    "tangerang_live", "web", "whatsapp", "sms", "email", "phone", "walk_in", "sp4n_lapor", "social_media", "open311",
)  # fmt: skip
"""Channels known by name; an unknown one is kept as it came and counts as `other`."""

DEAD_LETTER_REASONS = (*UNDECODABLE_REASONS, "empty_text", "time_out_of_range", "id_conflict")

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER_SYMBOLS = 7


@dataclass(frozen=True, slots=True)
class Registered:
    """A new complaint: stored, numbered, announced."""

    complaint_id: UUID
    ticket_number: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same complaint again, with the number it has."""

    complaint_id: UUID
    ticket_number: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not a complaint that can be accepted; `reason` is one of DEAD_LETTER_REASONS."""

    complaint_id: UUID | None
    reason: str
    detail: str


Outcome: TypeAlias = Registered | Repeated | Refused


def refuse_text(complaint: ComplaintSubmitted) -> Refused | None:
    """The text's length after hygiene: 3 to 5,000 characters."""
    length = len(complaint.text)
    if length < MIN_TEXT_CHARACTERS:
        return Refused(complaint.complaint_id, "empty_text", f"{length} characters, at least {MIN_TEXT_CHARACTERS}")
    if length > MAX_TEXT_CHARACTERS:
        return Refused(complaint.complaint_id, "too_large", f"{length} characters, at most {MAX_TEXT_CHARACTERS}")
    return None


def refuse_time(complaint: ComplaintSubmitted, received_at: datetime) -> Refused | None:
    """Submitted more than 366 days before or 10 minutes after the record's own timestamp: a broken clock."""
    early, late = received_at - OLDEST, received_at + NEWEST
    if early <= complaint.submitted_at <= late:
        return None
    return Refused(complaint.complaint_id, "time_out_of_range", "submitted_at is not near the record's timestamp")


def channel_label(channel: str) -> str:
    """The channel as metrics show it: a closed set."""
    return channel if channel in CHANNELS else "other"


def content_digest(key: bytes, complaint: ComplaintSubmitted) -> bytes:
    """32 bytes that are equal for equal content, whatever the order of keys or the offset of the time.

    Keyed, since the content includes numbers of people that could be found by trying. Fields at their defaults are left
    out, so that an optional field added later changes no digest that is stored.
    """
    return hmac.digest(key, complaint.model_dump_json(exclude_defaults=True).encode(), hashlib.sha256)


def ticket_number(key: bytes, complaint_id: UUID, attempt: int = 0) -> str:
    """`LKS-XXXX-XXXX`: 35 bits of HMAC-SHA256 in Crockford base 32, and a Luhn mod 32 check character.

    Not guessable in sequence, the same after a restore. `attempt` counts collisions: about fifteen are to be
    expected among the first million complaints.
    """
    digest = hmac.digest(key, complaint_id.bytes + attempt.to_bytes(2, "big"), hashlib.sha256)
    value = int.from_bytes(digest[:8], "big")
    symbols = [value >> 5 * place & 31 for place in range(_NUMBER_SYMBOLS)]
    text = "".join(_ALPHABET[symbol] for symbol in [*symbols, _check_symbol(symbols)])
    return f"LKS-{text[:4]}-{text[4:]}"


def is_ticket_number(text: str) -> bool:
    """Whether the check character is right: one mistyped or most swapped characters are noticed."""
    body = text.removeprefix("LKS-").replace("-", "")
    if not text.startswith("LKS-") or len(body) != _NUMBER_SYMBOLS + 1 or not set(body) <= set(_ALPHABET):
        return False
    symbols = [_ALPHABET.index(character) for character in body]
    return _check_symbol(symbols[:-1]) == symbols[-1]


def _check_symbol(symbols: list[int]) -> int:
    """Luhn's algorithm in base 32."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = symbol * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return -total % 32

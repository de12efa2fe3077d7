"""Complaints to post: the project's own sample texts, synthetic people, places of Kota Tangerang."""

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from launcher.errors import LauncherError
from shared.ids import uuid7

CHANNELS = ("tangerang_live",) * 7 + ("web", "whatsapp", "sp4n_lapor")
_CITY = (-6.178, 106.63)
_SPREAD_DEGREES = 0.05


@dataclass(frozen=True, slots=True)
class Posting:
    """One record for the intake topic."""

    key: bytes | None
    value: bytes | None
    complaint_id: str | None


def sample_complaints(count: int, seed: int) -> Iterator[Posting]:
    """`count` complaints, each with an id of its own; the sample texts begin again when they are used up."""
    texts = list(csv.DictReader(files("launcher").joinpath("samples/complaints.csv").read_text("utf-8").splitlines()))
    chance = random.Random(seed)  # noqa: S311
    order = chance.sample(texts, len(texts))
    for position in range(count):
        yield posting(_complaint(order[position % len(order)], chance))


def _complaint(row: dict[str, str], chance: random.Random) -> dict[str, Any]:
    return {
        "channel": chance.choice(CHANNELS),
        "text": row["text"],
        "location": {
            "lat": round(_CITY[0] + chance.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES), 5),
            "lon": round(_CITY[1] + chance.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES), 5),
            "address": row["address"],
            "kecamatan": row["kecamatan"],
            "kelurahan": row["kelurahan"],
        },
        "reporter": {"name": "Warga Contoh", "phone": f"0812-0000-{chance.randrange(10_000):04d}"},
        "confidential": chance.random() < 0.03,
    }


def posting(complaint: dict[str, Any]) -> Posting:
    """A record of what is given; id, time and channel are filled in where they are missing."""
    filled = {
        "complaint_id": str(uuid7()),
        "submitted_at": datetime.now(UTC).isoformat(),
        "channel": "tangerang_live",
    } | complaint
    complaint_id = str(filled["complaint_id"])
    return Posting(complaint_id.encode(), json.dumps(filled, ensure_ascii=False).encode(), complaint_id)


def from_file(path: Path) -> list[Posting]:
    """Complaints of a file: JSON lines, or a CSV with at least a `text` column. LauncherError says what is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            if path.suffix.lower() == ".csv":
                return [posting({"text": row["text"]}) for row in csv.DictReader(lines)]
            return [posting(_object(line)) for line in lines if line.strip()]
    except OSError as error:
        raise LauncherError(f"{path} cannot be read: {error.strerror}.", remedy="name a file that is there") from error
    except (ValueError, KeyError, csv.Error) as error:
        raise LauncherError(
            f"{path} has no complaints that can be read ({error!r}).",
            remedy="write one JSON object a line, each with at least a text, or a CSV with a column `text`",
        ) from error


def _object(line: str) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError(f"not a JSON object: {line[:40]!r}")
    return value


def bad_records() -> list[Posting]:
    """Records that intake cannot accept, each for another reason; none may stop it, none may vanish."""
    stale = posting({"text": "Jam di ponsel saya salah", "submitted_at": "1970-01-01T00:00:00+07:00"})
    return [
        Posting(b"demo-not-json", b"Lampu jalan mati", None),
        Posting(b"demo-not-utf8", b'{"text": "\xff\xfe"}', None),
        Posting(b"demo-null", None, None),
        Posting(b"demo-schema", b'{"text": "tanpa nomor"}', None),
        Posting(b"demo-too-large", posting({"text": "a" * 70_000}).value, None),
        posting({"text": ""}),
        stale,
    ]

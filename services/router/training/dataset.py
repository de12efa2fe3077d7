"""The project's own corpus and a city's labelled texts, as frozen rows with a hash."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from services.router.taxonomy.tables import load_keywords

CORPUS_COLUMNS: Final = ("topic", "voice", "text")
FIELD_LIMIT: Final = 1_000_000
"""Characters that one CSV field may have."""


class DatasetError(Exception):
    """A file of texts cannot be used. The message says which, where and why."""


@dataclass(frozen=True, slots=True)
class AuthoredRow:
    """One complaint that the project wrote itself. `voice` is the manner of writing (formal letter, SMS, ...)."""

    department: str
    topic: str
    voice: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One complaint with the department that a person sent it to."""

    text: str
    department: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """The rows of one CSV; `skipped` had no department. `sha256` is of the file."""

    rows: tuple[LabelledRow, ...]
    skipped: int
    sha256: str


def load_corpus() -> tuple[AuthoredRow, ...]:
    """The authored corpus, by file (one a department) and line."""
    return tuple(row for name, content in _corpus_files() for row in _authored(name, content))


def corpus_sha256() -> str:
    """SHA-256 (hex) over the names and contents of the corpus files and the key phrases."""
    digest = hashlib.sha256()
    phrases = "\n".join(f"{topic}\t{phrase}" for topic, phrase in load_keywords())
    for name, content in [*_corpus_files(), ("keywords", phrases)]:
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content.encode())
    return digest.hexdigest()


def load_labelled(path: Path, departments: Iterable[str]) -> Labelled:
    """Reads `text,department` (other columns ignored, an empty department skips the row). Raises `DatasetError`."""
    known = frozenset(departments)
    content, rows = read_table(path, ("text", "department"))
    for number, row in enumerate(rows, start=1):
        if row["department"] and row["department"] not in known:
            raise DatasetError(f"{path}: row {number}: no such department: {row['department']!r}")
    kept = tuple(LabelledRow(row["text"], row["department"]) for row in rows if row["department"])
    return Labelled(kept, len(rows) - len(kept), hashlib.sha256(content).hexdigest())


def load_texts(path: Path) -> list[str]:
    """The `text` column of a CSV, in order, empty texts included. Raises `DatasetError`."""
    return [row["text"] for row in read_table(path, ("text",))[1]]


def read_table(path: Path, columns: Sequence[str]) -> tuple[bytes, list[dict[str, str]]]:
    """A CSV's bytes and rows, `columns` being strings (a short row gives empty ones). Raises `DatasetError`."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: not UTF-8: byte {error.start}") from error
    return content, _table(str(path), text, columns)


def _table(name: str, text: str, columns: Sequence[str]) -> list[dict[str, str]]:
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise DatasetError(f"{name}: no column {', '.join(missing)}")
        return [{column: row[column] for column in columns} for row in reader]
    except csv.Error as error:
        raise DatasetError(f"{name}: line {reader.line_num}: {error}") from error


def _corpus_files() -> list[tuple[str, str]]:
    folder = files("services.router.training") / "corpus"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".csv")), key=lambda entry: entry.name)
    return [(entry.name, entry.read_text(encoding="utf-8")) for entry in entries]


def _authored(name: str, content: str) -> list[AuthoredRow]:
    rows = _table(name, content, CORPUS_COLUMNS)
    return [AuthoredRow(name[:-4], row["topic"], row["voice"], row["text"]) for row in rows]

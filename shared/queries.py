"""SQL lives in files: each query has a name, one sentence of intent and the list of its parameters."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import orjson

_HEADING = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(package: str) -> Mapping[str, str]:
    """The named queries of `package`'s `queries.sql`: name -> SQL with its comments."""
    text = files(package).joinpath("queries.sql").read_text(encoding="utf-8")
    parts = _HEADING.split(text)[1:]
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{package}/queries.sql names a query twice")
    return dict(zip(names, (body.strip() for body in bodies), strict=True))


def rows(items: list[dict[str, Any]]) -> str:
    """Rows for one `json_to_recordset($1::json)` parameter: one round trip and one plan, whatever their number."""
    return orjson.dumps(items, default=str).decode()

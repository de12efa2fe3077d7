"""From bytes of unknown origin to a message, or to the reason why not. Never raises for data."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from shared.events.hygiene import replace_surrogates

MAX_VALUE_BYTES = 64 * 1024
"""What outsiders may post."""
MAX_OWN_VALUE_BYTES = 1024 * 1024
"""What our own services may say: an accepted complaint grows on its way, and must never be refused for it."""
UNDECODABLE_REASONS = ("null_value", "too_large", "not_utf8", "not_json", "schema")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why a record is not a message; `reason` is one of the contract's closed set, `detail` never quotes values."""

    reason: str
    detail: str
    complaint_id: UUID | None = None


def decode(model: type[M], value: bytes | None, *, limit: int = MAX_VALUE_BYTES) -> M | Undecodable:
    """Decode one record's value as `model` (JSON, UTF-8, at most `limit` bytes)."""
    if value is None:
        return Undecodable("null_value", "the record has no value")
    if len(value) > limit:
        return Undecodable("too_large", f"the value has {len(value)} bytes, the limit is {limit}")
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        if not _is_about_json(error):
            return Undecodable("schema", _summary(error), _salvaged_id(json.loads(value)))
    return _decode_leniently(model, value)


def _decode_leniently(model: type[M], value: bytes) -> M | Undecodable:
    """The strict parser refused the JSON: half an emoji is mended, anything else is named."""
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Undecodable("not_utf8", f"byte {error.start} is not UTF-8")
    try:
        content = _mend(json.loads(text))
        mended = json.dumps(content)
    except (ValueError, RecursionError) as error:
        return Undecodable("not_json", f"not JSON: {type(error).__name__}")
    try:
        return model.model_validate_json(mended)
    except ValidationError as error:
        # What only the lenient parser reads, such as a nesting of hundreds, is still not JSON for us.
        return Undecodable("not_json" if _is_about_json(error) else "schema", _summary(error), _salvaged_id(content))


def _salvaged_id(content: Any) -> UUID | None:
    """Which complaint a malformed record is about, where it says so."""
    try:
        return UUID(content["complaint_id"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _is_about_json(error: ValidationError) -> bool:
    return error.errors(include_input=False, include_url=False)[0]["type"] == "json_invalid"


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(key): _mend(item) for key, item in value.items()}
    return value


def _summary(error: ValidationError) -> str:
    """Field and kind of the first three errors; the input itself may be personal data and stays out."""
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(str(part)[:40] for part in e['loc']) or 'value'}: {e['type']}" for e in errors[:3])

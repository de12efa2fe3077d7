"""From bytes of unknown origin to a message, or to the reason why not. Never raises for data."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.events.hygiene import replace_surrogates

MAX_VALUE_BYTES = 64 * 1024
UNDECODABLE_REASONS = ("null_value", "too_large", "not_utf8", "not_json", "schema")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why a record is not a message; `reason` is one of the contract's closed set, `detail` never quotes values."""

    reason: str
    detail: str


def decode(model: type[M], value: bytes | None) -> M | Undecodable:
    """Decode one record's value as `model` (JSON, UTF-8, at most 64 KiB)."""
    if value is None:
        return Undecodable("null_value", "the record has no value")
    if len(value) > MAX_VALUE_BYTES:
        return Undecodable("too_large", f"the value has {len(value)} bytes, the limit is {MAX_VALUE_BYTES}")
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        if not _is_about_json(error):
            return Undecodable("schema", _summary(error))
    return _decode_leniently(model, value)


def _decode_leniently(model: type[M], value: bytes) -> M | Undecodable:
    """The strict parser refused the JSON: half an emoji is mended, anything else is named."""
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Undecodable("not_utf8", f"byte {error.start} is not UTF-8")
    try:
        mended = json.dumps(_mend(json.loads(text)))
    except (ValueError, RecursionError) as error:
        return Undecodable("not_json", f"not JSON: {type(error).__name__}")
    try:
        return model.model_validate_json(mended)
    except ValidationError as error:
        # What only the lenient parser reads, such as a nesting of hundreds, is still not JSON for us.
        return Undecodable("not_json" if _is_about_json(error) else "schema", _summary(error))


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

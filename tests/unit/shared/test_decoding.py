"""Decoding: bytes of unknown origin become a message or a named reason, whatever they are."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import ComplaintSubmitted, TicketCommand, Undecodable, decode
from shared.events.decoding import MAX_VALUE_BYTES, UNDECODABLE_REASONS
from tests.factories import full_posting, posting, submitted


def decoded(value: bytes | dict[str, Any]) -> ComplaintSubmitted:
    """The complaint that `value` is."""
    message = decode(ComplaintSubmitted, value if isinstance(value, bytes) else json.dumps(value).encode())
    assert not isinstance(message, Undecodable), message
    return message


def refused(value: bytes | dict[str, Any] | None) -> Undecodable:
    """Why `value` is no complaint."""
    message = decode(ComplaintSubmitted, json.dumps(value).encode() if isinstance(value, dict) else value)
    assert isinstance(message, Undecodable), message
    return message


def with_field(name: str, json_text: str) -> bytes:
    """A posting with one more field, given as it stands on the wire."""
    return f'{json.dumps(posting())[:-1]}, "{name}": {json_text}}}'.encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "null_value"),
        (b"x" * (MAX_VALUE_BYTES + 1), "too_large"),
        (b"\xff\xfe{\x00}\x00", "not_utf8"),
        (b'{"text": "\xc3("}', "not_utf8"),
        (b'{"text": "half \xed\xa0\xbd"}', "not_utf8"),
        (b"", "not_json"),
        (b"halo", "not_json"),
        (b'{"text": "lampu"', "not_json"),
        (b"{} {}", "not_json"),
        (b"{'text': 'lampu'}", "not_json"),
        (b'{"text": "lampu\nmati"}', "not_json"),
        (b"{}", "schema"),
        (b"[]", "schema"),
        (b"null", "schema"),
        (b'"lampu mati"', "schema"),
        (b"42", "schema"),
    ],
)
def test_what_is_no_complaint_has_a_reason(value: bytes | None, reason: str) -> None:
    assert refused(value).reason == reason


def test_a_value_of_exactly_64_kib_is_read() -> None:
    value = with_field("filling", '""')
    value = with_field("filling", f'"{"x" * (MAX_VALUE_BYTES - len(value))}"')
    assert len(value) == MAX_VALUE_BYTES
    assert decoded(value)


@pytest.mark.parametrize("missing", ["complaint_id", "submitted_at", "channel", "text"])
def test_a_required_field_that_is_absent_or_null_is_a_matter_of_schema(missing: str) -> None:
    absent = {name: value for name, value in posting().items() if name != missing}
    assert refused(absent).reason == "schema"
    assert refused(posting(**{missing: None})).reason == "schema"


@pytest.mark.parametrize(
    "wrong",
    [
        {"complaint_id": "7"},
        {"complaint_id": 7},
        {"text": 7},
        {"text": ["lampu"]},
        {"channel": ""},
        {"channel": "x" * 101},
        {"location": "Cipondoh"},
        {"location": {"lat": 91}},
        {"location": {"lon": "timur"}},
        {"reporter": []},
        {"confidential": "entah"},
        {"attachments": "foto.jpg"},
        {"attachments": [{"media_type": "image/jpeg"}]},
    ],
)
def test_a_field_of_the_wrong_type_is_a_matter_of_schema(wrong: dict[str, Any]) -> None:
    assert refused(posting(**wrong)).reason == "schema"


def test_the_reason_names_the_fields_and_never_quotes_what_they_held() -> None:
    detail = refused(full_posting(text=3671054508900003, location={"lat": "0812-3456-7890"})).detail
    assert detail == "text: string_type; location.lat: float_parsing"


def test_only_the_first_three_mistakes_are_named() -> None:
    assert refused(b"{}").detail.count(";") == 2


@pytest.mark.parametrize("field", ["location", "reporter", "confidential", "attachments"])
def test_an_optional_field_that_is_null_counts_as_absent(field: str) -> None:
    same = posting()
    assert decoded(same | {field: None}) == decoded(same)


def test_any_part_of_a_location_and_of_a_reporter_may_be_null() -> None:
    message = decoded(posting(location={"lat": None, "address": None}, reporter={"nik": None, "phone": None}))
    assert message.location is not None
    assert message.location.lat is None


def test_unknown_fields_are_ignored_at_every_level() -> None:
    given = full_posting()
    more = given | {"versi": 2, "location": given["location"] | {"akurasi": 5}}
    assert decoded(more) == decoded(given)


def test_numbers_of_a_reporter_may_come_as_numbers() -> None:
    message = decoded(posting(reporter={"nik": 3671054508900003, "phone": 81234567890}))
    assert message.reporter is not None
    assert message.reporter.nik == "3671054508900003"
    assert message.reporter.phone == "81234567890"


def test_the_last_of_two_equal_keys_counts() -> None:
    assert decoded(with_field("text", '"yang kedua"')).text == "yang kedua"
    assert decoded(with_field("text", r'"yang kedua \ud83d"')).text == "yang kedua \ufffd"


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert decoded(b"\xef\xbb\xbf" + json.dumps(posting(text="dengan BOM")).encode()).text == "dengan BOM"


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"lampu \ud83d", "lampu \ufffd"),
        (r"\ude00 lampu", "\ufffd lampu"),
        (r"lampu \ud83d\ude00", "lampu 😀"),
        (r"lampu \ud83d mati \ude00", "lampu \ufffd mati \ufffd"),
        (r"lampu\u0000 mati\u0007", "lampu mati"),
        (r"lampu\u0000\ud83d", "lampu\ufffd"),
        (r"\u202elampu\u2066 mati\u202c", "lampu mati"),
    ],
)
def test_half_an_emoji_a_nul_or_a_bidi_override_costs_no_complaint(escaped: str, text: str) -> None:
    assert decoded(with_field("text", f'"{escaped}"')).text == text


def test_half_an_emoji_outside_the_text_costs_no_complaint() -> None:
    value = with_field("reporter", r'{"name": "Siti \ud83d", "x\udc00": 1}')
    message = decoded(value)
    assert message.reporter is not None
    assert message.reporter.name == "Siti \ufffd"


def test_a_field_nested_190_deep_is_ignored_like_any_other() -> None:
    assert decoded(with_field("x", "[" * 190 + "]" * 190))


@pytest.mark.parametrize("depth", [250, 1_000, 30_000])
def test_deeper_nesting_is_refused_and_never_an_error(depth: int) -> None:
    assert refused(with_field("x", "[" * depth + "]" * depth)).reason == "not_json"


@pytest.mark.parametrize(
    ("field", "number", "reason"),
    [
        ("location", f'{{"lat": {"9" * 400}}}', "schema"),
        ("location", '{"lat": 1e999}', "schema"),
        ("location", '{"lat": NaN}', "schema"),
        ("location", '{"lat": -Infinity}', "schema"),
        ("submitted_at", "9" * 400, "schema"),
        ("x", "9" * 20_000, "not_json"),
    ],
)
def test_a_huge_number_is_refused_and_never_an_error(field: str, number: str, reason: str) -> None:
    assert refused(with_field(field, number)).reason == reason


def test_a_huge_number_is_refused_in_a_record_that_had_to_be_mended() -> None:
    assert refused(with_field("location", rf'{{"lat": {"9" * 400}, "address": "\ud83d"}}')).reason == "schema"


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24T09:15:00",
        "2026-11-24",
        "09:15:00+07:00",
        "1795486500",
        1795486500,
        1795486500.5,
        "kemarin",
        "",
        True,
    ],
)
def test_a_time_without_offset_is_refused(moment: object) -> None:
    assert refused(posting(submitted_at=moment)).detail.startswith("submitted_at: ")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_outside_the_calendar_is_refused(moment: str) -> None:
    assert refused(posting(submitted_at=moment)).reason == "schema"


@pytest.mark.parametrize(
    "moment",
    ["2026-11-24T09:15:00+07:00", "2026-11-24T02:15:00Z", "2026-11-24t02:15:00z", "2026-11-24 09:15:00.000+07:00"],
)
def test_every_way_to_write_an_instant_is_the_same_instant(moment: str) -> None:
    assert decoded(posting(submitted_at=moment)).submitted_at == datetime(2026, 11, 24, 2, 15, tzinfo=UTC)


def test_content_is_equal_whatever_the_order_of_keys_the_spacing_and_the_offset() -> None:
    given = full_posting(submitted_at="2026-11-24T09:15:00+07:00")
    other = dict(reversed(given.items())) | {
        "submitted_at": "2026-11-24T02:15:00Z",
        "location": dict(reversed(given["location"].items())),
    }
    assert decoded(json.dumps(other, indent=3).encode()) == decoded(given)


def test_the_alias_class_is_read_where_python_has_no_such_name() -> None:
    command = {
        "event_id": str(submitted().complaint_id), "occurred_at": "2026-11-24T09:15:00+07:00",
        "complaint_id": str(submitted().complaint_id), "command": "reclassify", "class": "aspiration",
        "actor": {"kind": "officer", "ref": "o-1"},
    }  # fmt: skip
    message = decode(TicketCommand, json.dumps(command).encode())
    assert isinstance(message, TicketCommand)
    assert message.complaint_class == "aspiration"
    assert json.loads(message.model_dump_json())["class"] == "aspiration"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_message_or_have_a_reason_of_the_closed_set(value: bytes) -> None:
    message = decode(ComplaintSubmitted, value)
    assert isinstance(message, ComplaintSubmitted) or message.reason in UNDECODABLE_REASONS


@given(st.sampled_from([*full_posting()]), JSON)
def test_any_json_in_any_field_is_a_message_or_has_a_reason(field: str, value: object) -> None:
    message = decode(ComplaintSubmitted, json.dumps(full_posting() | {field: value}).encode())
    assert isinstance(message, ComplaintSubmitted) or message.reason in {"schema", "not_json"}

"""What is on the wire stays as it was promised: one golden record per topic, read and written."""

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from launcher.docs import asyncapi
from shared.events import ComplaintSubmitted, Message, Topic, Undecodable, decode
from shared.events.topics import COMPLAINTS_SUBMITTED, DEAD_LETTER, TICKETS_ASSIGNED, TOPICS
from tests.contract.examples import EXAMPLES, GOLDEN

PAIRS = pytest.mark.parametrize(("topic", "example"), EXAMPLES.items(), ids=lambda value: getattr(value, "name", ""))

PROMISED = {
    "laksa.complaints.submitted.v1":
        "complaint_id submitted_at channel text location reporter confidential attachments",
    "laksa.complaints.registered.v1":
        "event_id occurred_at complaint_id ticket_number channel text_masked location attachments confidential "
        "reporter_ref submitted_at accepted_at",
    "laksa.complaints.routed.v1":
        "event_id occurred_at complaint_id decision department office supporting_departments confidence alternatives "
        "class topic urgency responsible_body why model_version",
    "laksa.tickets.assigned.v1":
        "event_id occurred_at complaint_id ticket_number version department office supporting_departments assigned_by "
        "confidence alternatives model_version urgency class topic text_masked location attachments submitted_at "
        "assigned_at deadlines previous_department hand_over_reason",
    "laksa.tickets.events.v1":
        "event_id occurred_at complaint_id ticket_number version type state public_status department office actor "
        "reason deadlines cause",
    "laksa.tickets.commands.v1": "event_id occurred_at complaint_id command expected_version actor",
    "laksa.tickets.replies.v1": "event_id occurred_at complaint_id command_id outcome reason version",
    "laksa.notifications.v1":
        "event_id occurred_at complaint_id ticket_number cause audience kind public_status title body status_url",
    "laksa.dead-letter.v1": "event_id occurred_at complaint_id service reason detail source",
}  # fmt: skip
"""The contract's fields, topic by topic. Fields are only ever added."""

PROMISED_PARTS = {
    "location": "lat lon address kecamatan kelurahan",
    "reporter": "name nik phone email",
    "attachments": "url media_type sha256",
    "alternatives": "department probability",
    "why": "term weight",
    "actor": "kind department ref",
    "deadlines": "acknowledge_by respond_by resolve_by",
    "source": "topic partition offset",
}


def golden(topic: Topic) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((GOLDEN / f"{topic.name}.json").read_text("utf-8"))
    return content


def test_every_topic_has_its_golden_record_and_no_record_is_without_a_topic() -> None:
    assert set(EXAMPLES) == set(TOPICS)
    assert {file.stem for file in GOLDEN.iterdir()} == {topic.name for topic in TOPICS} == set(PROMISED)


@PAIRS
def test_an_event_is_written_as_its_golden_record(topic: Topic, example: Message) -> None:
    assert json.loads(example.model_dump_json()) == golden(topic)


@PAIRS
def test_a_golden_record_is_read_as_the_event_that_it_was(topic: Topic, example: Message) -> None:
    assert decode(type(example), json.dumps(golden(topic)).encode()) == example


@PAIRS
def test_fields_that_a_later_version_adds_are_ignored_at_every_depth(topic: Topic, example: Message) -> None:
    later = _with_more(golden(topic))
    assert later != golden(topic)
    assert decode(type(example), json.dumps(later).encode()) == example


@PAIRS
def test_a_record_has_every_field_that_the_contract_names(topic: Topic, example: Message) -> None:
    record = golden(topic)
    assert set(PROMISED[topic.name].split()) <= set(record)
    for name, fields in PROMISED_PARTS.items():
        for part in _parts(record.get(name)):
            assert set(part) == set(fields.split())


@PAIRS
def test_a_golden_record_leaves_nothing_empty_so_that_every_field_is_compared(topic: Topic, example: Message) -> None:
    assert not [name for name, value in golden(topic).items() if value is None or value in ([], "")]
    assert set(golden(topic)) == set(json.loads(example.model_dump_json()))


@PAIRS
def test_a_golden_record_is_valid_by_the_published_schema(topic: Topic, example: Message) -> None:
    schema = {"$ref": f"#/components/schemas/{type(example).__name__}", "components": _components()}
    jsonschema.validate(golden(topic), schema)


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic is not DEAD_LETTER], ids=lambda topic: topic.name)
def test_a_record_without_its_complaint_is_no_message(topic: Topic) -> None:
    incomplete = golden(topic) | {"complaint_id": None}
    outcome = decode(type(EXAMPLES[topic]), json.dumps(incomplete).encode())
    assert isinstance(outcome, Undecodable)
    assert outcome.reason == "schema"


def test_a_department_receives_no_field_that_could_name_a_person() -> None:
    assert not {"name", "nik", "phone", "email", "reporter", "reporter_ref"} & set(golden(TICKETS_ASSIGNED))


def test_the_apps_record_is_accepted_in_local_time_and_with_only_what_is_required() -> None:
    whole = golden(COMPLAINTS_SUBMITTED) | {"submitted_at": "2026-11-24T09:15:00+07:00"}
    assert decode(ComplaintSubmitted, json.dumps(whole).encode()) == EXAMPLES[COMPLAINTS_SUBMITTED]
    required = {name: whole[name] for name in ("complaint_id", "submitted_at", "channel", "text")}
    assert isinstance(decode(ComplaintSubmitted, json.dumps(required).encode()), ComplaintSubmitted)


@cache
def _components() -> Any:
    return yaml.safe_load(asyncapi())["components"]


def _with_more(value: Any) -> Any:
    """The value with an unknown field in every object."""
    if isinstance(value, dict):
        return {name: _with_more(part) for name, part in value.items()} | {"added_later": {"anything": [1]}}
    return [_with_more(part) for part in value] if isinstance(value, list) else value


def _parts(value: Any) -> list[dict[str, Any]]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]

"""The generated documents are those in the clone, are consistent, and say what the code does."""

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.alert_table import alerts_page
from launcher.docs import GENERATED, SERVICES, SPOKEN, asyncapi, events_page, runtimes
from launcher.ticket_tables import moves_page, promises_page
from shared.events import topics
from shared.events.topics import TOPICS

PROJECT = Path(__file__).parents[2]
DOCUMENTS = {
    "alerts.md": partial(alerts_page, GENERATED, PROJECT),
    "asyncapi.yaml": asyncapi,
    "events.md": events_page,
    "moves.md": partial(moves_page, GENERATED),
    "promises.md": partial(promises_page, GENERATED),
}
DOCUMENT: dict[str, Any] = yaml.safe_load(asyncapi())


@pytest.mark.parametrize(("name", "generate"), DOCUMENTS.items())
def test_the_documents_in_the_clone_are_those_that_the_code_generates(name: str, generate: Any) -> None:
    committed = (PROJECT / "docs" / name).read_text("utf-8")
    assert committed == generate(), f"docs/{name} is out of date: run `laksa docs`"


def test_every_topic_is_a_channel_and_spoken_of_once() -> None:
    assert [spoken.topic for spoken in SPOKEN] == list(TOPICS)
    assert list(DOCUMENT["channels"]) == [topic.name for topic in TOPICS]


def test_every_reference_in_the_document_leads_somewhere() -> None:
    references = list(_references(DOCUMENT))
    assert len(references) > 50
    for reference in references:
        place = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_the_record_that_a_service_reads_is_the_one_that_is_written_there() -> None:
    written = {spoken.topic.name: spoken.message for spoken in SPOKEN}
    read = [subscription for runtime in runtimes() for subscription in runtime.subscriptions]
    assert {s.topic.name: s.message for s in read}.items() <= written.items()
    assert len(read) == 7


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_writes_the_topics_that_its_code_names_and_does_not_read(service: str) -> None:
    names = {topic: name for name, topic in vars(topics).items() if isinstance(topic, topics.Topic)}
    [runtime] = [runtime for runtime in runtimes() if runtime.service == service]
    read = {names[subscription.topic] for subscription in runtime.subscriptions}
    named = {name for file in (PROJECT / "services" / service).glob("*.py") for name in _topics_imported(file)}
    dead_letters = {"DEAD_LETTER"}  # every service's plumbing writes them
    assert named - read | dead_letters == {names[s.topic] for s in SPOKEN if service in s.writers}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (part for name, part in value.items() if name == "$ref")
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _references(part)


def _topics_imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "shared.events.topics":
            yield from (name.name for name in node.names if name.name.isupper())

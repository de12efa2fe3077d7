"""Text hygiene: what every string from outside goes through before anything else looks at it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.hygiene import clean

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("dirty", "text"),
    [
        ("  lampu mati \n", "lampu mati"),
        ("lampu\tmati\ndi sini", "lampu\tmati\ndi sini"),
        ("lampu\r\nmati\rgelap", "lampu\nmati\ngelap"),
        ("lam\x00pu\x1b[31m \x7fmati\x9f", "lampu[31m mati"),
        ("\u202elampu\u202c \u2066mati\u2069 \u200edi\u200f \u061csini", "lampu mati di sini"),
        ("lampu \ud83d mati \ude00", "lampu \ufffd mati \ufffd"),
        ("lampu 😀 mati 👨‍👩‍👧", "lampu 😀 mati 👨‍👩‍👧"),
        ("\x00 \u202e ", ""),
        ("ꦱꦩ꧀ꦥꦃ بيت", "ꦱꦩ꧀ꦥꦃ بيت"),
    ],
)
def test_only_what_nobody_can_read_is_removed(dirty: str, text: str) -> None:
    assert clean(dirty) == text


@given(ANY_TEXT)
def test_clean_text_is_storable_as_utf8_and_has_no_control_characters(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned
    assert not any(unicodedata.category(character) == "Cc" and character not in "\t\n" for character in cleaned)


@given(ANY_TEXT)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)

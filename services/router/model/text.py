"""From what a citizen typed to the words that the model counts; training and serving share this file.

The order matters: Unicode first (so that look-alikes and invisible marks cannot hide a word), then markup, then the
masks, then words. Masked text and the text before masking give the same words.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Final

MAX_WORD_LENGTH: Final = 40
"""Letters kept of one word: longer ones are noise, and their n-grams would cost time."""

_INVISIBLE: Final = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_TAG: Final = re.compile(r"</?[a-z!][^<>]{0,200}>", re.IGNORECASE)
_MASK: Final = re.compile(r"\[(nik|kk|telp|email|kartu|akun|url|tgl|plat|sandi|nomor|nama)\]")
_URL: Final = re.compile(r"(?:https?://|www\.)\S+")
_EMAIL: Final = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_DIGIT: Final = re.compile(r"\d")
_LONG_NUMBER: Final = re.compile(r"\d[\d /+-]{5}")
_NUMBERS: Final = (
    (re.compile(r"\b\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d{2})\b"), " <tgl> "),
    (re.compile(r"(?<!\d)\d{16}(?!\d)"), " <nik> "),
    (re.compile(r"(?<!\d)(?:\+?62[ -]?|0)8\d{1,3}[ -]?\d{3,4}[ -]?\d{2,5}(?!\d)"), " <telp> "),
    (re.compile(r"\d{7,}"), " <nomor> "),
)
_ADDRESS: Final = re.compile(
    r"\b(?:rt\W{0,3}rw\W{0,3}\d{1,4}(?:\W{1,3}\d{1,4})?|(?:rt|rw|gg|gang|no|nomer|nomor|blok|km|kav)\W{0,3}\d{1,4}[a-z]?)\b"
)
_ELONGATED: Final = re.compile(r"([a-z])\1{2,}")
_TRIPLES: Final = tuple(letter * 3 for letter in ascii_lowercase)
_DOUBLED: Final = re.compile(r"\b([a-z]{3,})2([a-z]{0,4})\b")
_WORD: Final = re.compile(r"<[a-z]+>|[a-z]+|\d+")


def clean(text: str) -> str:
    """The text in lower-case ASCII with markup and invisible marks gone and personal data as `<nik>`, `<telp>`, ...

    Never raises: lone surrogates, other scripts and emoji become spaces.
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
        text = "".join(_ascii(char) for char in text)
    text = _TAG.sub(" ", text).lower() if "<" in text else text.lower()
    if "[" in text:
        text = _MASK.sub(r" <\1> ", text)
    if "://" in text or "www." in text:
        text = _URL.sub(" <url> ", text)
    if "@" in text:
        text = _EMAIL.sub(" <email> ", text)
    has_digits = _DIGIT.search(text) is not None
    if has_digits:
        text = _without_numbers(text)
    if any(triple in text for triple in _TRIPLES):
        text = _ELONGATED.sub(r"\1", text)
    return _DOUBLED.sub(r"\1\2", text) if has_digits else text


def _without_numbers(text: str) -> str:
    if _LONG_NUMBER.search(text):
        for pattern, mask in _NUMBERS:
            text = pattern.sub(mask, text)
    return _ADDRESS.sub(" <alamat> ", text)


def _ascii(char: str) -> str:
    if char < "\x80":
        return char
    return "" if unicodedata.combining(char) else " "


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Splits cleaned text into words, with abbreviations written out (`yg` -> `yang`).

    `abbreviations` maps one word to one or more words separated by spaces. A model keeps the table that it was
    trained with, so a later edit of the table never changes what an old model answers.
    """

    abbreviations: Mapping[str, str]
    _written: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {word: tuple(expansion.split()) for word, expansion in self.abbreviations.items()}
        object.__setattr__(self, "_written", table)

    def words(self, text: str) -> list[str]:
        """The words of `text` in order; numbers become `0`, masks stay as `<nik>`. Empty for emoji or other scripts."""
        words: list[str] = []
        written = self._written
        for word in _WORD.findall(clean(text)):
            expansion = written.get(word)
            if expansion is not None:
                words.extend(expansion)
            else:
                words.append("0" if word[0] <= "9" else word[:MAX_WORD_LENGTH])
        return words

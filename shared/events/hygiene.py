"""Text hygiene: what every string from outside goes through before anything else looks at it."""

import re
from typing import Annotated

from pydantic import AfterValidator

# Control characters other than tab and newline, and the bidirectional overrides that let a text lie about its order.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u061c\u200e\u200f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without control characters and bidi overrides, lone surrogates as U+FFFD, trimmed."""
    if _UNWANTED.search(text):
        text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return replace_surrogates(text).strip()


def replace_surrogates(text: str) -> str:
    """Half an emoji becomes U+FFFD: an app that cuts one must not cost a complaint."""
    return _SURROGATE.sub("\ufffd", text) if not text.isascii() else text


CleanStr = Annotated[str, AfterValidator(clean)]

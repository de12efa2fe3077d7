"""Just enough PromQL to say which series an expression reads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'"
_MATCHER = re.compile(rf"(\w+)\s*(=~|!~|!=|=)\s*({_STRING})")
_SELECTOR = re.compile(rf"{_STRING}|(?<![\w.:])([a-zA-Z_:][\w:]*)(\s*\(|\s*\{{(?:{_STRING}|[^}}\"'])*\}})?")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_KEYWORDS = {"and", "or", "unless", "bool", "offset", "group_left", "group_right", "by", "without", "inf", "nan"}


@dataclass(frozen=True)
class Selector:
    """A metric's name and what its labels must be: (label, operator, value)."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]

    def matches(self, name: str, labels: dict[str, str]) -> bool:
        """Whether a series is among those selected."""
        return name == self.metric and all(_holds(labels.get(label, ""), *rest) for label, *rest in self.matchers)


def selectors(expr: str) -> Iterator[Selector]:
    """Every series selector of an expression."""
    without_ranges = re.sub(r"\[[^\]]*\]", "", _LABELS.sub("", expr))
    for found in _SELECTOR.finditer(without_ranges):
        name, rest = found[1], (found[2] or "").strip()
        if name and not rest.startswith("(") and name.lower() not in _KEYWORDS:
            yield Selector(name, tuple((label, op, text[1:-1]) for label, op, text in _MATCHER.findall(rest)))


def grouping_labels(expr: str) -> set[str]:
    """The labels named after by, on, ignoring and their like."""
    return {label.strip() for labels in _LABELS.findall(expr) for label in labels.split(",") if label.strip()}


def _holds(value: str, operator: str, wanted: str) -> bool:
    equal = re.fullmatch(wanted, value) is not None if "~" in operator else value == wanted
    return equal != operator.startswith("!")

"""Holidays and collective leave of Indonesia, from the library `holidays`: for the command, never for a service."""

from collections.abc import Iterator
from importlib.metadata import version

from holidays import country_holidays

from services.desk.rulebook import DayKind, SpecialDay

_ESTIMATED = "(perkiraan)"
_CATEGORIES: tuple[tuple[DayKind, str], ...] = (("holiday", "public"), ("collective_leave", "government"))


def days_off(year: int) -> list[SpecialDay]:
    """A year's days off in their order; a holiday that is collective leave as well is a holiday.

    The language is named because without it the names, and the mark of an estimate in them, follow the machine's.
    """
    found: dict[object, SpecialDay] = {}
    for special in _all(year):
        found.setdefault(special.day, special)
    return sorted(found.values(), key=lambda special: special.day)


def _all(year: int) -> Iterator[SpecialDay]:
    source = f"holidays {version('holidays')}"
    for kind, category in _CATEGORIES:
        for day, name in country_holidays("ID", years=year, categories=(category,), language="id").items():
            yield SpecialDay(day, kind, name.replace(_ESTIMATED, "").strip(), source, certain=_ESTIMATED not in name)

"""Personal numbers in running text become tokens before anything but the vault sees them.

A run of digits may hold several numbers ("No 5 0812..."), so it is read group by group: dates and prices are passed
over, and from every other group on the longest stretch that is somebody's number is replaced.
"""

import re
from itertools import accumulate

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
# Digits as people write numbers, broken by spaces, points, hyphens or brackets; a ticket number is passed over.
_RUN = re.compile(r"(?i:LKS-[0-9A-Z]{4}-[0-9A-Z]{4})|(?<!\d)(?:\(?\+)?\(?\d(?:[ \u00a0.\-\u2010-\u2013()]{0,3}\d){7,}")
_GROUP = re.compile(r"(?:\(?\+)?\(?(\d+)")
_DATE_OR_PRICE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([ .-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d([.-])\d\d\2\d\d(?!\d)"
    r"|[1-9]\d{0,2}(?:\.\d{3})+(?!\.?\d)"
)
_PROVINCES = frozenset(
    [*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98)]
)
_SHORTEST, _LONGEST, _MOST_GROUPS = 9, 19, 16
_AS_PRINTED = re.compile("1[3-9]|4(?:-4)*-[1-4]|4-6-[45]")
_YEARS = re.compile(r"(?:(?:19|20)\d\d)+")

NIK, PHONE, EMAIL, CARD, NAME = "[NIK]", "[TELP]", "[EMAIL]", "[KARTU]", "[NAMA]"

_SHORTEST_NAME = 4  # "Ani" is also half a word of somebody else's sentence


def mask(text: str, *, name: str | None = None) -> str:
    """The text with NIK and KK, phone numbers, e-mail addresses and payment cards replaced by tokens.

    So is the reporter's own `name`, where it is given, as it was written there.
    """
    if name and len(name) >= _SHORTEST_NAME:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, text, flags=re.IGNORECASE)
    if "@" in text:
        text = _EMAIL.sub(EMAIL, text)
    return _RUN.sub(_mask_run, text)


def _mask_run(match: re.Match[str]) -> str:
    run = match.group()
    if run[0] in "Ll":
        return run
    groups = list(_GROUP.finditer(run))
    digits = [_ascii_digits(group[1]) for group in groups]
    masked, done, at = "", 0, 0
    while at < len(groups):
        if passed := _DATE_OR_PRICE.match(run, groups[at].start()):
            at += sum(group.start() < passed.end() for group in groups[at : at + _MOST_GROUPS])
        elif found := _personal(digits[at : at + _MOST_GROUPS], international="+" in groups[at].group()):
            token, count = found
            start, end = groups[at].start(), groups[at + count - 1].end()
            opening = "(" if run[start] == "(" and ")" not in run[start:end] else ""
            masked, done, at = masked + run[done:start] + opening + token, end, at + count
        else:
            at += 1
    return masked + run[done:]


def _ascii_digits(written: str) -> str:
    return written if written.isascii() else "".join(str(int(digit)) for digit in written)


def _personal(groups: list[str], *, international: bool) -> tuple[str, int] | None:
    """The token for the number that begins with the first group, and how many groups it takes."""
    # A number written in one go ends there; what follows it ("0812... 2 weeks") is not part of it.
    if len(groups[0]) >= 10 and (token := _token(groups[0], groups[:1], international)):
        return token, 1
    digits = "".join(groups)
    for count, length in reversed([*enumerate(accumulate(map(len, groups)), start=1)]):
        if length < _SHORTEST:
            return None
        if length <= _LONGEST and (token := _token(digits[:length], groups[:count], international)):
            return token, count
    return None


def _token(number: str, groups: list[str], international: bool) -> str | None:
    if international and 10 <= len(number) <= 15:
        return PHONE
    if len(number) == 16 and _is_nik(number):
        return NIK
    if number[0] in "06" and _is_phone(number, len(groups[0])):
        return PHONE
    if len(number) >= 13 and len(groups[0]) >= 4 and _is_card(number, groups):
        return CARD
    # Sixteen digits in one go are a mistyped NIK or KK far more often than anything that a reader needs.
    return NIK if len(number) == 16 and len(groups) == 1 else None


def _is_nik(number: str) -> bool:
    """NIK and KK: of their 16 digits a province code first, then a date (women's NIK add 40 to the day)."""
    if int(number[:2]) not in _PROVINCES:
        return False
    day, month = int(number[6:8]), int(number[8:10])
    return 1 <= (day - 40 if day > 40 else day) <= 31 and 1 <= month <= 12


def _is_phone(number: str, first_group: int) -> bool:
    """Indonesian numbers: 08..., 62 8..., 0062..., and landlines with an area code (021 5xxx xxxx)."""
    if number.startswith("0062"):
        return 12 <= len(number) <= 16
    if number.startswith("628"):
        return 11 <= len(number) <= 14
    if number.startswith("08"):
        return 9 <= len(number) <= 13 and number[2] != "0"
    return number[0] == "0" and number[1] in "234567" and first_group >= 3 and 9 <= len(number) <= 12


def _is_card(number: str, groups: list[str]) -> bool:
    """Payment cards: 13 to 19 digits with a Luhn check digit (ISO/IEC 7812-1), in one go or in groups as printed."""
    printed = _AS_PRINTED.fullmatch("-".join(str(len(group)) for group in groups))
    if not printed or number[0] == "0" or _YEARS.fullmatch(number):
        return False
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0

"""Personal numbers in running text become tokens before anything but the vault sees them."""

import re

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
# Digits as people write numbers: broken by spaces, dots, hyphens or brackets.
_DIGITS = re.compile(r"(?<![\w])\+?\(?\d(?:[ .\-()]{0,2}\d){7,22}(?!\w)")
_SEPARATORS = re.compile(r"[ .\-()]")
_PROVINCES = frozenset(
    [*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98)]
)

NIK, PHONE, EMAIL, CARD = "[NIK]", "[TELP]", "[EMAIL]", "[KARTU]"


def mask(text: str) -> str:
    """The text with NIK and KK, phone numbers, e-mail addresses and payment cards replaced by tokens."""
    if "@" in text:
        text = _EMAIL.sub(EMAIL, text)
    return _DIGITS.sub(_mask_number, text)


def _mask_number(match: re.Match[str]) -> str:
    written = match.group()
    digits = _SEPARATORS.sub("", written).removeprefix("+")
    if _is_nik(digits):
        return NIK
    if _is_phone(digits, written):
        return PHONE
    if _is_card(digits):
        return CARD
    # Sixteen digits in one go are a mistyped NIK or KK far more often than anything that a reader needs.
    return NIK if len(written) == 16 and written.isdigit() else written


def _is_nik(digits: str) -> bool:
    """NIK and KK: 16 digits, a province code, then a date (women's NIK add 40 to the day)."""
    if len(digits) != 16 or int(digits[:2]) not in _PROVINCES:
        return False
    day, month = int(digits[6:8]), int(digits[8:10])
    return 1 <= (day - 40 if day > 40 else day) <= 31 and 1 <= month <= 12


def _is_phone(digits: str, written: str) -> bool:
    """Indonesian numbers: 08..., +62 8..., 62 8..., 0062 8..., and landlines with an area code (021 5xxx xxxx)."""
    if written.lstrip("(").startswith("+"):
        return digits.startswith("62") and 10 <= len(digits) <= 14
    if digits.startswith("0062"):
        return 12 <= len(digits) <= 16
    if digits.startswith("628"):
        return 11 <= len(digits) <= 14
    if digits.startswith("08"):
        return 9 <= len(digits) <= 13
    return digits.startswith("0") and digits[1] in "234567" and 9 <= len(digits) <= 12


def _is_card(digits: str) -> bool:
    """Payment cards: 13 to 19 digits with a Luhn check digit (ISO/IEC 7812-1)."""
    if not 13 <= len(digits) <= 19:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0

"""A reporter without a name: the same person gets the same reference, and the reference tells nothing."""

import base64
import hashlib
import hmac
import re

from shared.events.complaints import Reporter

_NOT_DIGITS = re.compile(r"\D")


def reporter_ref(key: bytes, reporter: Reporter | None) -> str | None:
    """`r1-` and 16 base-32 characters: HMAC-SHA256 of NIK, else phone, else e-mail; None for an anonymous report.

    Keyed, since NIK and phone numbers can be enumerated; `1` names the key.
    """
    identity = _identity(reporter)
    if identity is None:
        return None
    digest = hmac.digest(key, identity.encode(), hashlib.sha256)
    return f"r1-{base64.b32encode(digest[:10]).decode().lower()}"


def _identity(reporter: Reporter | None) -> str | None:
    if reporter is None:
        return None
    if nik := _NOT_DIGITS.sub("", reporter.nik or ""):
        return f"nik:{nik}"
    if phone := normal_phone(reporter.phone or ""):
        return f"phone:{phone}"
    email = (reporter.email or "").strip().lower()
    return f"email:{email}" if email else None


def normal_phone(text: str) -> str:
    """Digits in national form: +62 812..., +62 (0)812..., 0062812..., 0812... and 812... are one number."""
    digits = _NOT_DIGITS.sub("", text).removeprefix("00").removeprefix("62").lstrip("0")
    return f"0{digits}" if digits else ""

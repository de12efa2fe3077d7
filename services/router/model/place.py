"""Where a complaint is, as far as the app knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Names as the app wrote them; either may be absent."""

    kecamatan: str | None = None
    kelurahan: str | None = None

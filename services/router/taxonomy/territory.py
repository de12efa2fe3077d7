"""Which kecamatan or kelurahan works a complaint: by its place or a name in its text; never by its topic alone.

A name is compared without spaces, so that `Batu Ceper` is `Batuceper`. Names that are also everyday words (`benda`,
`larangan`) or the city's own name count in a text only after a title such as `kelurahan`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.router.taxonomy.tables import rows_of, territories

Level = Literal["kecamatan", "kelurahan"]

_TITLES: Final[Mapping[str, Level]] = {
    "kecamatan": "kecamatan",
    "camat": "kecamatan",
    "kelurahan": "kelurahan",
    "lurah": "kelurahan",
    "desa": "kelurahan",
}
_LONGEST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Office:
    """One of the city's kecamatan, or a kelurahan in it. `alone`: its name in a text means it without a title."""

    level: Level
    name: str
    kecamatan: str
    alone: bool

    def __str__(self) -> str:
        return f"{self.level.capitalize()} {self.name}"


@dataclass(frozen=True, slots=True)
class Territory:
    """A city's offices by level and spelling; empty for a city that has no table."""

    offices: Mapping[Level, Mapping[str, Office]]
    levels: Mapping[str, Level]

    def office(
        self, topic: str | None, kecamatan: str | None, kelurahan: str | None, document: Sequence[str]
    ) -> str | None:
        """The office for a topic: named with its title in the text, else of the place, else named without a title.

        `document` is normalised words. Topics without a level take the smallest office that is known.
        """
        known = _first(self._titled(document)) or self._of_place(kecamatan, kelurahan) or _first(self._alone(document))
        return None if known is None else str(self._at_level(known, self.levels.get(topic or "", "kelurahan")))

    def _of_place(self, kecamatan: str | None, kelurahan: str | None) -> Office | None:
        named = self._known("kelurahan", _plain(kelurahan))
        return named or self._known("kecamatan", _plain(kecamatan))

    def _titled(self, document: Sequence[str]) -> Iterator[Office]:
        for number, word in enumerate(document):
            if word in _TITLES:
                for length in range(_LONGEST_NAME, 0, -1):
                    office = self._known(_TITLES[word], "".join(document[number + 1 : number + 1 + length]))
                    if office is not None:
                        yield office
                        break

    def _alone(self, document: Sequence[str]) -> Iterator[Office]:
        for length in range(_LONGEST_NAME, 0, -1):
            for start in range(len(document) - length + 1):
                name = "".join(document[start : start + length])
                for level in self.offices:
                    office = self.offices[level].get(name)
                    if office is not None and office.alone:
                        yield office

    def _known(self, level: Level, name: str) -> Office | None:
        return self.offices.get(level, {}).get(name)

    def _at_level(self, office: Office, level: Level) -> Office:
        """A kelurahan's kecamatan where the topic is that one's; a kecamatan stays, its kelurahan being unknown."""
        if office.level == level or level == "kelurahan":
            return office
        return self.offices["kecamatan"][_plain(office.kecamatan)]


def load_territory(city: str) -> Territory:
    """The offices of `city`, none if it has no table here."""
    offices: dict[Level, dict[str, Office]] = {"kelurahan": {}, "kecamatan": {}}
    for row in rows_of(f"territory/{city}.csv") if city in territories() else ():
        level: Level = "kecamatan" if row["level"] == "kecamatan" else "kelurahan"
        office = Office(level, row["name"], row["kecamatan"], row["alone"] == "yes")
        for spelling in (row["name"], *row["variants"].split()):
            offices[level][_plain(spelling)] = office
    levels: dict[str, Level] = {
        row["topic"]: "kecamatan" if row["level"] == "kecamatan" else "kelurahan"
        for row in rows_of("territory/topics.csv")
    }
    return Territory(offices, levels)


def _plain(name: str | None) -> str:
    """`Kel. Batu Ceper` -> `batuceper`."""
    words = "".join(char if char.isalpha() else " " for char in (name or "").lower()).split()
    if words and words[0] in {"kelurahan", "kel", "kecamatan", "kec"}:
        words = words[1:]
    return "".join(words)


def _first(offices: Iterator[Office]) -> Office | None:
    return next(offices, None)

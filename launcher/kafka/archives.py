"""Class archives: a Java that has seen Kafka start once starts it again in a third of the time.

Java 17 to 24 keep the parsed classes (CDS), 25 and later also what it learnt about them (AOT cache). A Java ignores an
archive that does not fit, so using one is always safe, and without one Kafka starts all the same.
"""

from dataclasses import dataclass
from pathlib import Path

from launcher.kafka.java import Java


@dataclass(frozen=True)
class Archives:
    """Options for the Java that formats a data folder and for the one that is the broker."""

    format: tuple[str, ...] = ()
    broker: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArchiveFiles:
    """Where the archives of one Java lie."""

    java: Java
    folder: Path

    @property
    def complete(self) -> bool:
        return self._format.exists() and self._broker.exists()

    def used(self) -> Archives:
        """Options that start from the archives."""
        return Archives(self._use(self._format), self._use(self._broker))

    def written(self) -> Archives:
        """Options that write the archives when the Java ends, which it then takes seconds to do."""
        return Archives(self._write(self._format), self._write(self._broker))

    @property
    def _format(self) -> Path:
        return self.folder / "format.archive"

    @property
    def _broker(self) -> Path:
        return self.folder / "broker.archive"

    def _use(self, file: Path) -> tuple[str, ...]:
        return (f"-XX:AOTCache={file}",) if self.java.major >= 25 else (f"-XX:SharedArchiveFile={file}",)

    def _write(self, file: Path) -> tuple[str, ...]:
        return (f"-XX:AOTCacheOutput={file}",) if self.java.major >= 25 else (f"-XX:ArchiveClassesAtExit={file}",)

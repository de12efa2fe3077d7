"""What a simulated month came to."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from launcher.figures import as_facts
from launcher.reconcile.books import Books
from services.desk.figures import DepartmentFigures


@dataclass(frozen=True, slots=True)
class Told:
    """How often the topics told of something in a department."""

    breaches: int
    escalations: int
    hand_overs: int


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """Figures as they stood when the month ended; `told` counts distinct events on the topic, by department."""

    first: date
    days: int
    as_of: datetime
    received: int
    opened: int
    commands: int
    seconds: float
    figures: list[DepartmentFigures]
    told: dict[str, Told]
    books: Books

    @property
    def agrees(self) -> bool:
        """Whether nothing was lost and the books of the services agree."""
        return self.received == self.opened and not self.books.differences

    def as_facts(self) -> dict[str, Any]:
        """For JSON."""
        names = ("first", "days", "as_of", "received", "opened", "commands", "seconds", "agrees")
        return {name: getattr(self, name) for name in names} | {
            "figures": [as_facts(one) for one in self.figures],
            "told": {department: asdict(told) for department, told in self.told.items()},
            "differences": self.books.differences,
        }

    def as_lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.days} days from {self.first}: {self.received} received, {self.commands} commands"
        yield f"{'dept':<13}{'answered in time':>18}{'of':>6}{'breaches':>10}{'escalations':>13}{'hand-overs':>12}"
        for one in self.figures:
            respond, told = one.clocks["respond"], self.told.get(one.department, Told(0, 0, 0))
            ratio = "-" if respond.on_time_ratio is None else f"{respond.on_time_ratio:.1%}"
            counts = f"{respond.judged:>6}{told.breaches:>10}{told.escalations:>13}{one.hand_overs:>12}"
            yield f"{one.department:<13}{ratio:>18}{counts}"
        lost = f"; {self.received - self.opened} HAVE NO TICKET" if self.received != self.opened else ""
        verdict = f"{len(self.books.differences)} DIFFERENCES" if self.books.differences else "everything agrees"
        yield f"reconcile: {verdict}{lost}; {self.seconds:.0f} s in all. Business time is real time again."

"""Who did what when? Lines as they happen, by case; a failing run prints those of the case concerned."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caseloop.simulation.clock import SimulatedClock
    from caseloop.simulation.files import CaseFile

WORLD_LINES_KEPT = 4000
AROUND = timedelta(days=2)


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One thing that happened. `number` orders what happened in the same millisecond."""

    at: datetime
    number: int
    who: str = field(compare=False)
    what: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.at:%a %Y-%m-%d %H:%M:%S}.{self.at.microsecond // 1000:03d}  {self.who:<22} {self.what}"


@dataclass(slots=True)
class Story:
    """The lines of every case, and those that concern all of them (outages, rules, switches)."""

    clock: SimulatedClock
    of_world: deque[Line] = field(default_factory=lambda: deque(maxlen=WORLD_LINES_KEPT))
    of_case: dict[int, list[Line]] = field(default_factory=dict)
    _number: int = 0

    def tell(self, file: CaseFile | None, who: str, what: str, at: datetime | None = None) -> None:
        """Something happened, to this case or to everybody."""
        self._number += 1
        line = Line(at or self.clock.at, self._number, who, " ".join(what.split()))
        if file is None:
            self.of_world.append(line)
        else:
            self.of_case.setdefault(file.index, []).append(line)

    def lines(self, file: CaseFile | None, more: list[Line] | None = None) -> list[str]:
        """The case's timeline with what concerned everybody meanwhile; without a case the last days of the world."""
        own = self.of_case.get(file.index, []) if file is not None else []
        since = min((line.at for line in own), default=self.clock.at) - AROUND
        world = [line for line in self.of_world if line.at >= since]
        return [str(line) for line in sorted([*own, *world, *(more or [])])]

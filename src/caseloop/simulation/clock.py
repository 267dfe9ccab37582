"""What time is it in the simulation? A clock that stands between events, and that nobody but the run moves on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
A_QUESTION = timedelta(milliseconds=1)


@dataclass(slots=True)
class SimulatedClock:
    """Aware UTC time from `at` on; it never goes back. Each question takes a millisecond, so that no two are equal."""

    at: datetime

    def now(self) -> datetime:
        """The moment of the question."""
        self.at += A_QUESTION
        return self.at

    def seconds(self) -> float:
        """A stopwatch that runs with this clock."""
        return (self.at - EPOCH).total_seconds()

    def take(self, seconds: float) -> None:
        """Something lasts so long."""
        self.at += timedelta(seconds=seconds)

    def move_to(self, moment: datetime) -> None:
        """On to that moment, unless it has passed."""
        self.at = max(self.at, moment)


def round_up(moment: datetime, step: timedelta) -> datetime:
    """The next full step at or after the moment: what is due between two steps happens together at the second."""
    rest = (moment - EPOCH) % step
    return moment if not rest else moment + step - rest

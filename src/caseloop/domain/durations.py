"""How long is a wait? An amount and a unit, as people write it: "48 hours", "2 working days" (spec 2.1)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from caseloop.domain.errors import DomainError


class InvalidDuration(DomainError):
    """The wait cannot be read or is out of bounds; the text says what is allowed."""


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"

    @property
    def counts_days(self) -> bool:
        return self in (Unit.DAYS, Unit.WORKING_DAYS)


LONGEST_WAIT_HOURS = 8760
"""No wait is longer than this many hours, or the same in days (a year), whatever the unit."""

_WRITTEN = re.compile(r"(\d{1,9})[ _]*(working)?[ _]*(hour|day)s?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """A wait that is at least one hour and at most a year long; raises InvalidDuration otherwise."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        longest = LONGEST_WAIT_HOURS // 24 if self.unit.counts_days else LONGEST_WAIT_HOURS
        if isinstance(self.amount, bool) or not isinstance(self.amount, int) or not 1 <= self.amount <= longest:
            words = self.unit.replace("_", " ")
            raise InvalidDuration(f"A wait in {words} is a whole number from 1 to {longest}, not {self.amount!r}.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "48 hours", "1 day", "8 working hours" or "2 working days"; raises InvalidDuration."""
        written = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
        if written is None:
            raise InvalidDuration(
                f"{text!r} is not a wait. Write a whole number of hours, days, working hours or working"
                ' days, like "48 hours" or "2 working days".'
            )
        amount, working, unit = written.groups()
        return cls(int(amount), Unit(f"{'working_' if working else ''}{unit.lower()}s"))

    @property
    def length(self) -> timedelta:
        """Hours as they are; a day, of either kind, is 24 hours on the clock on the wall."""
        return timedelta(days=self.amount) if self.unit.counts_days else timedelta(hours=self.amount)

    def __str__(self) -> str:
        words = self.unit.replace("_", " ")
        return f"{self.amount} {words.removesuffix('s') if self.amount == 1 else words}"

    def to_json(self) -> str:
        return str(self)

    @classmethod
    def from_json(cls, data: str) -> Self:
        """The wait that to_json() wrote; raises InvalidDuration."""
        return cls.parse(data)

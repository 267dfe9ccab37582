"""Which hours of a week is something open? As people write them, on the clock on the wall."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from caseloop.domain.errors import DomainError

Spans = tuple[tuple[int, int], ...]
"""What is open on one day: (start, end) in minutes since midnight, the end at most 24:00 = 1440."""

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_OF_A_DAY = 24 * 60

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)


class InvalidHours(DomainError):
    """Opening hours that overlap, run backwards or cannot be read; the text says which."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a week, Monday first; raises InvalidHours. All days may be closed."""

    week: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise InvalidHours(f"Opening hours have seven days, Monday first, not {len(self.week)}.")
        for name, spans in zip(DAY_NAMES, self.week, strict=True):
            _check_day(name, spans)

    @classmethod
    def weekdays(cls, start: str, end: str) -> Self:
        """The same hours from Monday to Friday, as "8:00" and "18:00"; raises InvalidHours."""
        open_, closed = ((_minutes(start), _minutes(end)),), ()
        return cls((open_, open_, open_, open_, open_, closed, closed))

    @classmethod
    def always(cls) -> Self:
        """Round the clock, every day."""
        all_day = ((0, MINUTES_OF_A_DAY),)
        return cls((all_day, all_day, all_day, all_day, all_day, all_day, all_day))

    @property
    def are_empty(self) -> bool:
        return not any(self.week)

    def to_json(self) -> list[list[list[str]]]:
        """Seven lists, Monday first, of pairs like ["08:00", "18:00"]."""
        return [[[_written(start), _written(end)] for start, end in spans] for spans in self.week]

    @classmethod
    def from_json(cls, data: Sequence[Sequence[Sequence[str]]]) -> Self:
        """The hours that to_json() wrote; raises InvalidHours."""
        try:
            week: Any = tuple(tuple((_minutes(start), _minutes(end)) for start, end in spans) for spans in data)
        except (TypeError, ValueError) as error:
            raise InvalidHours(
                f'Opening hours are seven lists, Monday first, of pairs like ["08:00", "18:00"], not {data!r}.'
            ) from error
        return cls(week)


def _check_day(name: str, spans: Spans) -> None:
    earliest = 0
    for start, end in spans:
        if not 0 <= start < end <= MINUTES_OF_A_DAY:
            raise InvalidHours(
                f"{name}: hours run from an earlier to a later time between 0:00 and 24:00,"
                f" not from {_written(start)} to {_written(end)}. Time past midnight belongs to the next day."
            )
        if start < earliest:
            raise InvalidHours(f"{name}: the hours from {_written(start)} overlap or precede the ones before them.")
        earliest = end


def _minutes(clock: str) -> int:
    found = _CLOCK.fullmatch(clock.strip()) if isinstance(clock, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else MINUTES_OF_A_DAY + 1
    if minutes > MINUTES_OF_A_DAY:
        raise InvalidHours(f'{clock!r} is not a time of day. Write "8:00", "17:30", at most "24:00".')
    return minutes


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"

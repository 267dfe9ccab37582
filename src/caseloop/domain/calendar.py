"""When is a wait over? Deadlines in elapsed and in working time, with pauses that don't count.

A wait is over at the first moment by which all of it has been counted, and its unit says what counts:

    hours          elapsed time: 48 hours are 48 hours, through every change of the clocks
    days           the clock on the wall in the calendar's zone: Friday 15:00 and 2 days are Sunday 15:00,
                   even when one of the nights is an hour shorter
    working hours  elapsed time within the calendar's opening hours: Friday 16:00 and 2 working hours,
                   closing at 17:00, are Monday 9:00; what ends with the day ends that day (Friday 17:00)
    working days   the clock on the wall, midnight to midnight, of dates that have opening hours: Friday
                   15:00 and 2 working days are Tuesday 15:00. What begins on a day off counts from the
                   end of that time off, so the customer has whole working days: Saturday 11:00 and 1
                   working day are the end of Monday (Tuesday 0:00), not Monday 11:00

Time in a pause counts for nothing (spec 1.4), measured in the wait's own unit: a paused weekend adds
nothing to working days. What zones.py says about readings of the clock that are skipped or repeated
holds for both kinds of days.

Everything else that the core knows about calendars can be imported from here as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from caseloop.domain.durations import Duration, InvalidDuration, Unit
from caseloop.domain.errors import DomainError
from caseloop.domain.hours import Hours, InvalidHours
from caseloop.domain.windows import OFFICE_HOURS, SendingWindow
from caseloop.domain.working_calendar import InvalidCalendar, NoWorkingHours, Period, WorkingCalendar
from caseloop.domain.zones import (
    NaiveTime,
    UnknownZone,
    as_utc,
    local_date,
    moment_of,
    start_of_day,
    wall_clock,
    zone_named,
)

__all__ = [
    "OFFICE_HOURS",
    "Duration",
    "Hours",
    "InvalidCalendar",
    "InvalidDuration",
    "InvalidHours",
    "InvalidPause",
    "NaiveTime",
    "NoWorkingHours",
    "Pause",
    "Period",
    "SendingWindow",
    "Unit",
    "UnknownZone",
    "WorkingCalendar",
    "as_utc",
    "deadline",
    "local_date",
    "start_of_day",
    "working_day_after",
    "zone_named",
]

_DAY = timedelta(days=1)


class InvalidPause(DomainError):
    """A pause that ends before it begins or cannot be read."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that doesn't count as waiting, its end not included; until None, it is still going on. UTC.

    Raises NaiveTime, and InvalidPause when it ends before it begins.
    """

    since: datetime
    until: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "since", as_utc(self.since))
        if self.until is not None:
            object.__setattr__(self, "until", as_utc(self.until))
            if self.until < self.since:
                raise InvalidPause(f"A pause cannot end ({self.until}) before it begins ({self.since}).")

    def to_json(self) -> dict[str, str | None]:
        return {"since": self.since.isoformat(), "until": self.until.isoformat() if self.until else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The pause that to_json() wrote; raises InvalidPause, NaiveTime."""
        try:
            since, until = data["since"], data["until"]
            return cls(datetime.fromisoformat(since), datetime.fromisoformat(until) if until is not None else None)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidPause(
                f'A pause has "since" and "until" (a time or null); this one doesn\'t: {error}.'
            ) from error


def deadline(
    start: datetime, wait: Duration, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """When a wait that begins at `start` is over (UTC); None while an open pause keeps it from ending.

    Never before `start`, and never earlier for a later start. Pauses come in any order and may overlap;
    one that begins when the wait is over changes nothing. Raises NaiveTime, and NoWorkingHours for a wait
    in working time that would take more than ten years. Spec 1.4, 2.1.
    """
    counting_from, left = as_utc(start), wait.length
    over_at = _after(counting_from, left, wait.unit, calendar)
    for pause in sorted(pauses, key=_since):
        if pause.until is not None and pause.until <= counting_from:
            continue
        if pause.since >= over_at:
            break
        if pause.until is None:
            return None
        left -= _between(counting_from, max(counting_from, pause.since), wait.unit, calendar)
        counting_from = pause.until
        over_at = _after(counting_from, left, wait.unit, calendar)
    return over_at


def working_day_after(day: date, calendar: WorkingCalendar) -> datetime:
    """When the first working day strictly after a local date opens (UTC, spec 3.7); raises NoWorkingHours."""
    return calendar.periods_on(calendar.next_working_day_after(day))[0].opens_at


def _since(pause: Pause) -> datetime:
    return pause.since


def _after(start: datetime, length: timedelta, unit: Unit, calendar: WorkingCalendar) -> datetime:
    """The first moment by which so much of the unit has been counted from start."""
    match unit:
        case Unit.HOURS:
            return start + length
        case Unit.DAYS:
            return moment_of(wall_clock(start, calendar.zone) + length, calendar.zone)
        case Unit.WORKING_HOURS:
            return calendar.after_working(start, length)
        case Unit.WORKING_DAYS:
            return _after_working_days(start, length, calendar)


def _between(start: datetime, end: datetime, unit: Unit, calendar: WorkingCalendar) -> timedelta:
    """How much of the unit is counted between two moments; the inverse of _after."""
    match unit:
        case Unit.HOURS:
            return end - start
        case Unit.DAYS:
            return wall_clock(end, calendar.zone) - wall_clock(start, calendar.zone)
        case Unit.WORKING_HOURS:
            return calendar.working_time_between(start, end)
        case Unit.WORKING_DAYS:
            return _working_days_between(start, end, calendar)


def _after_working_days(start: datetime, length: timedelta, calendar: WorkingCalendar) -> datetime:
    reading = wall_clock(start, calendar.zone)
    day = reading.date()
    into_day = reading - _midnight(day) + length
    if not calendar.is_working_day(day):
        day, into_day = calendar.next_working_day_after(day), length
    while into_day > _DAY:
        day, into_day = calendar.next_working_day_after(day), into_day - _DAY
    return moment_of(_midnight(day) + into_day, calendar.zone)


def _working_days_between(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    begins, ends = wall_clock(start, calendar.zone), wall_clock(end, calendar.zone)
    total, day = timedelta(), begins.date()
    while day <= ends.date():
        if calendar.is_working_day(day):
            total += min(ends, _midnight(day + _DAY)) - max(begins, _midnight(day))
        day += _DAY
    return total


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)

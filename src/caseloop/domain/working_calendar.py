"""When do we work? A business calendar: weekly hours in a zone, less holidays, and counting along them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Self

from caseloop.domain.errors import DomainError
from caseloop.domain.hours import Hours, Spans
from caseloop.domain.zones import as_utc, local_date, moment_of, zone_named

HORIZON_DAYS = 10 * 366
"""How far we look ahead for working time: ten years, so that every loop ends."""


class NoWorkingHours(DomainError):
    """Hours that never open, or too rarely for the wait that was asked for."""


class InvalidCalendar(DomainError):
    """A stored calendar or sending window that cannot be read."""


class Period(NamedTuple):
    """An unbroken stretch of working time: UTC, never empty, its end not included."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working time in a zone; holidays are dates in that zone. Raises UnknownZone, NoWorkingHours."""

    zone: str
    hours: Hours
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if self.hours.are_empty:
            raise NoWorkingHours("There are no opening hours on any day of the week. Give at least one day some.")

    def next_open(self, at: datetime) -> datetime:
        """The moment itself when it is working time, else the next opening (UTC); raises NoWorkingHours."""
        at = as_utc(at)
        for period in self.periods_from(at):
            return max(at, period.opens_at)
        raise self._too_few("opening", at)

    def add_working(self, start: datetime, minutes: int) -> datetime:
        """The first moment (UTC) by which so many working minutes have passed; raises NoWorkingHours."""
        return self.after_working(start, timedelta(minutes=minutes))

    def after_working(self, start: datetime, length: timedelta) -> datetime:
        """As add_working, for working time that isn't whole minutes."""
        start, left = as_utc(start), length
        for opens_at, closes_at in self.periods_from(start):
            begins_at = max(start, opens_at)
            if closes_at - begins_at >= left:
                return begins_at + left
            left -= closes_at - begins_at
        raise self._too_few(f"{length / timedelta(hours=1):g} working hours", start)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; zero when the second isn't later."""
        start, end, total = as_utc(start), as_utc(end), timedelta()
        for opens_at, closes_at in self.periods_from(start):
            if opens_at >= end:
                break
            total += min(end, closes_at) - max(start, opens_at)
        return total

    def is_working_day(self, day: date) -> bool:
        """True when there is working time on that local date."""
        return bool(self.periods_on(day))

    def next_working_day_after(self, day: date) -> date:
        """The first working day strictly after a local date; raises NoWorkingHours."""
        for distance in range(1, HORIZON_DAYS):
            later = day + timedelta(days=distance)
            if self.is_working_day(later):
                return later
        raise self._too_few("working day", day)

    def periods_from(self, at: datetime) -> Iterator[Period]:
        """The periods of ten years that end after a moment, in order; the first may have begun before it."""
        day = local_date(at, self.zone)
        for distance in range(HORIZON_DAYS):
            for period in self.periods_on(day + timedelta(days=distance)):
                if period.closes_at > at:
                    yield period

    def periods_on(self, day: date) -> tuple[Period, ...]:
        """The periods of one local date; none on a holiday, nor on a date that the zone skipped."""
        spans = self.hours.week[day.weekday()]
        return _periods(spans, day, self.zone) if spans and day not in self.holidays else ()

    def to_json(self) -> dict[str, Any]:
        return {
            "zone": self.zone,
            "hours": self.hours.to_json(),
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The calendar that to_json() wrote; raises one of the DomainErrors of its parts."""
        return cls(**fields_from_json(data))

    def _too_few(self, what: str, start: date) -> NoWorkingHours:
        return NoWorkingHours(
            f"No {what} within ten years of {start:%Y-%m-%d}: the calendar ({self.zone}) works too little."
            " Give it more opening hours or fewer holidays, or wait in hours or days."
        )


def fields_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """zone, hours and holidays of a stored calendar or window; raises InvalidCalendar, InvalidHours."""
    try:
        zone, hours, holidays = data["zone"], data["hours"], data["holidays"]
        if not (zone is None or isinstance(zone, str)):
            raise TypeError(f"zone is {zone!r}")
        days = frozenset(date.fromisoformat(day) for day in holidays)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidCalendar(
            'A calendar has "zone" (a name), "hours" and "holidays" (dates like "2026-12-25");'
            f" this one doesn't: {error!r}."
        ) from error
    return {"zone": zone, "hours": Hours.from_json(hours), "holidays": days}


@lru_cache(maxsize=16384)
def _periods(spans: Spans, day: date, zone: str) -> tuple[Period, ...]:
    """Computed once per day and zone: a batch of cases asks for the same few days again and again."""
    midnight = datetime.combine(day, time.min)
    periods = (
        Period(
            moment_of(midnight + timedelta(minutes=start), zone),
            moment_of(midnight + timedelta(minutes=end), zone),
        )
        for start, end in spans
    )
    return tuple(period for period in periods if period.opens_at < period.closes_at)

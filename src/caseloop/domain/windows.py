"""When may automatic mail go out? In its window; what falls outside moves to the next opening (spec 4.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from caseloop.domain.hours import Hours
from caseloop.domain.working_calendar import NoWorkingHours, WorkingCalendar, fields_from_json
from caseloop.domain.zones import zone_named

OFFICE_HOURS = Hours.weekdays("8:00", "18:00")


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """Monday to Friday 8-18 in the customer's zone by default; raises UnknownZone, NoWorkingHours."""

    hours: Hours = OFFICE_HOURS
    zone: str | None = None
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.hours.are_empty:
            raise NoWorkingHours("The sending window never opens. Give at least one day some hours.")
        if self.zone is not None:
            zone_named(self.zone)

    def next_opening(self, at: datetime, customer_zone: str) -> datetime:
        """The moment itself when the window is open then, else when it opens next (UTC).

        The window's own zone goes before the customer's; when the customer's isn't known, hand in the
        mailbox's. Holidays are dates in the zone used. Raises UnknownZone, NaiveTime, and NoWorkingHours
        when every opening of ten years is a holiday.
        """
        return WorkingCalendar(self.zone or customer_zone, self.hours, self.holidays).next_open(at)

    def is_open(self, at: datetime, customer_zone: str) -> bool:
        return self.next_opening(at, customer_zone) == at

    def to_json(self) -> dict[str, Any]:
        return {
            "zone": self.zone,
            "hours": self.hours.to_json(),
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The window that to_json() wrote; raises one of the DomainErrors of its parts."""
        return cls(**fields_from_json(data))

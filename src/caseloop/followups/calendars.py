"""Which calendar and which sending times hold for a policy? Rows of the administration as values of the core."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import holidays

from caseloop.administration.models import BusinessCalendar, SendingTimes
from caseloop.domain.calendar import Hours, SendingWindow, WorkingCalendar
from caseloop.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Calendars:
    """All calendars and sending times, read once for a batch."""

    calendars: dict[int, WorkingCalendar]
    windows: dict[int, SendingWindow]
    default_calendar: WorkingCalendar
    default_window: SendingWindow

    def calendar_of(self, policy: Policy | None) -> WorkingCalendar:
        chosen = policy.calendar_id if policy else None
        return self.calendars.get(chosen, self.default_calendar) if chosen else self.default_calendar

    def window_of(self, policy: Policy | None) -> SendingWindow:
        chosen = policy.sending_times_id if policy else None
        return self.windows.get(chosen, self.default_window) if chosen else self.default_window


def load(year: int) -> Calendars:
    """The calendars with the holidays around `year`."""
    rows = list(BusinessCalendar.objects.all())
    calendars = {row.pk: _calendar(row, year) for row in rows}
    defaults = [row.pk for row in rows if row.is_default]
    always = _always()
    windows: dict[int, SendingWindow] = {}
    default_window = SendingWindow(hours=always.hours, zone="UTC", holidays=frozenset())
    for row in SendingTimes.objects.all():
        window = SendingWindow(
            hours=Hours.from_json(row.hours),
            zone=row.zone or None,
            holidays=calendars[row.calendar_id].holidays if row.calendar_id else frozenset(),
        )
        windows[row.pk] = window
        if row.is_default:
            default_window = window
    return Calendars(calendars, windows, calendars[defaults[0]] if defaults else always, default_window)


def _calendar(row: BusinessCalendar, year: int) -> WorkingCalendar:
    days = set(row.extra_holidays) | _public_holidays(row.country, row.subdivision, year)
    return WorkingCalendar(zone=row.zone, hours=Hours.from_json(row.hours), holidays=frozenset(days))


_holidays: dict[tuple[str, str, int], set[date]] = {}


def _public_holidays(country: str, subdivision: str, year: int) -> set[date]:
    if not country:
        return set()
    key = (country, subdivision, year)
    if key not in _holidays:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=range(year - 1, year + 3))
        _holidays[key] = set(found)
    return _holidays[key]


def _always() -> WorkingCalendar:
    return WorkingCalendar(zone="UTC", hours=Hours.always(), holidays=frozenset())

"""Does a business calendar know its days, and count only its own time?"""

import json
from datetime import date, timedelta

import pytest

from caseloop.domain.hours import Hours, InvalidHours
from caseloop.domain.working_calendar import InvalidCalendar, NoWorkingHours, WorkingCalendar
from caseloop.domain.zones import UnknownZone
from tests.domain.times import local, utc

BERLIN = "Europe/Berlin"
WHIT_MONDAY = date(2026, 5, 25)
OFFICE = WorkingCalendar(BERLIN, Hours.weekdays("8:00", "17:00"), frozenset({WHIT_MONDAY}))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 5, 22), True),
        (date(2026, 5, 23), False),
        (WHIT_MONDAY, False),
        (date(2026, 5, 26), True),
    ],
)
def test_a_working_day_has_hours_and_is_no_holiday(day, works):
    assert OFFICE.is_working_day(day) is works


def test_a_day_that_a_zone_skipped_is_no_working_day():
    assert not WorkingCalendar("Pacific/Apia", Hours.always()).is_working_day(date(2011, 12, 30))


def test_the_next_working_day_is_never_the_day_itself():
    assert OFFICE.next_working_day_after(date(2026, 5, 21)) == date(2026, 5, 22)
    assert OFFICE.next_working_day_after(date(2026, 5, 22)) == date(2026, 5, 26)


def test_working_minutes_are_added_over_the_weekend():
    assert OFFICE.add_working(local("Fri 2026-07-03 16:30", BERLIN), 45) == local("Mon 2026-07-06 08:15", BERLIN)


@pytest.mark.parametrize(
    ("at", "open_at"),
    [
        ("Fri 2026-07-03 08:00", "Fri 2026-07-03 08:00"),
        ("Fri 2026-07-03 12:34", "Fri 2026-07-03 12:34"),
        ("Fri 2026-07-03 17:00", "Mon 2026-07-06 08:00"),
        ("Fri 2026-07-03 03:00", "Fri 2026-07-03 08:00"),
        ("Sat 2026-05-23 12:00", "Tue 2026-05-26 08:00"),
    ],
)
def test_it_opens_now_or_at_the_next_opening(at, open_at):
    assert OFFICE.next_open(local(at, BERLIN)) == local(open_at, BERLIN)


def test_working_time_between_two_moments_leaves_out_nights_and_holidays():
    friday, tuesday = local("Fri 2026-05-22 16:00", BERLIN), local("Tue 2026-05-26 09:30", BERLIN)

    assert OFFICE.working_time_between(friday, tuesday) == timedelta(hours=2, minutes=30)
    assert OFFICE.working_time_between(tuesday, friday) == timedelta()


def test_a_calendar_without_hours_is_refused():
    with pytest.raises(NoWorkingHours, match="no opening hours on any day"):
        WorkingCalendar(BERLIN, Hours(((),) * 7))


def test_a_calendar_of_holidays_only_is_refused_when_it_is_asked():
    start = date(2026, 1, 1)
    closed = WorkingCalendar(
        BERLIN, OFFICE.hours, frozenset(start + timedelta(days=number) for number in range(11 * 366))
    )

    with pytest.raises(NoWorkingHours, match="No opening within ten years of 2026-07-03"):
        closed.next_open(utc("2026-07-03 13:00"))
    with pytest.raises(NoWorkingHours, match="No working day within ten years of 2026-07-03"):
        closed.next_working_day_after(date(2026, 7, 3))


def test_a_calendar_in_no_zone_is_refused():
    with pytest.raises(UnknownZone, match="'Europe/Atlantis' is not a time zone"):
        WorkingCalendar("Europe/Atlantis", OFFICE.hours)


def test_a_calendar_survives_its_json():
    assert WorkingCalendar.from_json(json.loads(json.dumps(OFFICE.to_json()))) == OFFICE


def test_a_stored_calendar_is_readable():
    assert OFFICE.to_json() == {
        "zone": "Europe/Berlin",
        "hours": [[["08:00", "17:00"]]] * 5 + [[]] * 2,
        "holidays": ["2026-05-25"],
    }


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"zone": "Mars"}, UnknownZone, "'Mars' is not a time zone"),
        ({"zone": None}, UnknownZone, "None is not a time zone"),
        ({"zone": ["UTC"]}, InvalidCalendar, "zone is"),
        ({"hours": [[]] * 7}, NoWorkingHours, "no opening hours"),
        ({"hours": [[]] * 6}, InvalidHours, "seven days"),
        ({"holidays": ["25.5.2026"]}, InvalidCalendar, "25.5.2026"),
        ({"holidays": [5]}, InvalidCalendar, "dates like"),
        ({"holidays": None}, InvalidCalendar, "dates like"),
    ],
)
def test_a_stored_calendar_that_makes_no_sense_is_refused(change, error, sentence):
    with pytest.raises(error, match=sentence):
        WorkingCalendar.from_json(OFFICE.to_json() | change)


@pytest.mark.parametrize("data", [None, {}, [], "Mon-Fri"])
def test_a_stored_calendar_of_another_shape_is_refused(data):
    with pytest.raises(InvalidCalendar, match='A calendar has "zone"'):
        WorkingCalendar.from_json(data)

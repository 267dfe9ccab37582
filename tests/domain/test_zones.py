"""Do the clock on the wall and UTC agree on the two days a year when it is hard?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given

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
from tests.domain.times import moments, utc, zones

BERLIN, LORD_HOWE, APIA = "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"


@pytest.mark.parametrize(
    ("zone", "reading", "moment"),
    [
        (BERLIN, "2026-07-03 15:00", "2026-07-03 13:00"),
        ("Asia/Kathmandu", "2026-07-03 08:00", "2026-07-03 02:15"),
        # 29 March 2026, 2:00 -> 3:00: what is jumped over means the jump
        (BERLIN, "2026-03-29 01:59", "2026-03-29 00:59"),
        (BERLIN, "2026-03-29 02:00", "2026-03-29 01:00"),
        (BERLIN, "2026-03-29 02:59", "2026-03-29 01:00"),
        (BERLIN, "2026-03-29 03:00", "2026-03-29 01:00"),
        # 25 October 2026, 3:00 -> 2:00: what comes twice means the first time
        (BERLIN, "2026-10-25 02:30", "2026-10-25 00:30"),
        (BERLIN, "2026-10-25 03:00", "2026-10-25 02:00"),
        # half an hour on Lord Howe Island: 4 October 2026, 2:00 -> 2:30; 5 April 2026, 2:00 -> 1:30
        (LORD_HOWE, "2026-10-04 02:15", "2026-10-03 15:30"),
        (LORD_HOWE, "2026-10-04 02:30", "2026-10-03 15:30"),
        (LORD_HOWE, "2026-04-05 01:45", "2026-04-04 14:45"),
        # Samoa had no 30 December 2011
        (APIA, "2011-12-29 23:59", "2011-12-30 09:59"),
        (APIA, "2011-12-30 15:00", "2011-12-30 10:00"),
        (APIA, "2011-12-31 00:00", "2011-12-30 10:00"),
    ],
)
def test_a_reading_of_the_clock_means_one_moment(zone, reading, moment):
    assert moment_of(datetime.fromisoformat(reading), zone) == utc(moment)


@pytest.mark.parametrize(
    ("zone", "moment", "reading"),
    [
        (BERLIN, "2026-10-25 00:59", "2026-10-25 02:59"),
        (BERLIN, "2026-10-25 01:00", "2026-10-25 03:00"),
        (BERLIN, "2026-10-25 01:59", "2026-10-25 03:00"),
        (BERLIN, "2026-10-25 02:00", "2026-10-25 03:00"),
        (BERLIN, "2026-10-25 02:01", "2026-10-25 03:01"),
        (LORD_HOWE, "2026-04-04 15:10", "2026-04-05 02:00"),
        ("America/St_Johns", "2010-11-07 02:45", "2010-11-07 00:01"),
    ],
)
def test_a_clock_that_is_set_back_stands_still_for_us(zone, moment, reading):
    assert wall_clock(utc(moment), zone) == datetime.fromisoformat(reading)


@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        (BERLIN, date(2026, 7, 3), "2026-07-02 22:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04 03:00"),  # no midnight: 0:00 -> 1:00
        ("America/Havana", date(2026, 11, 1), "2026-11-01 04:00"),  # midnight twice: 1:00 -> 0:00
        (APIA, date(2011, 12, 30), "2011-12-30 10:00"),
    ],
)
def test_a_day_starts_at_its_first_moment(zone, day, moment):
    assert start_of_day(day, zone) == utc(moment)


def test_the_date_is_the_one_on_the_wall():
    just_before_midnight_utc = utc("2026-07-03 23:30")

    assert local_date(just_before_midnight_utc, BERLIN) == date(2026, 7, 4)
    assert local_date(just_before_midnight_utc, "America/New_York") == date(2026, 7, 3)


@given(moments, moments, zones)
def test_the_clock_never_runs_backwards(one, other, zone):
    earlier, later = sorted((one, other))

    assert wall_clock(earlier, zone) <= wall_clock(later, zone)
    assert moment_of(wall_clock(earlier, zone), zone) <= moment_of(wall_clock(later, zone), zone)


@given(moments, zones)
def test_there_and_back_is_the_same_moment_unless_the_clock_stood_still(at, zone):
    back = moment_of(wall_clock(at, zone), zone)

    assert back == at or (at < back <= at + timedelta(hours=1) and at.astimezone(zone_named(zone)).fold)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "Europe",
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "right/Europe/Berlin",
        "a\0b",
        "CEST?",
        None,
        5,
    ],
)
def test_a_zone_that_is_none_is_refused_with_an_example(name):
    with pytest.raises(UnknownZone, match='Use a name like "Europe/Berlin"'):
        zone_named(name)


def test_a_time_without_zone_is_refused():
    with pytest.raises(NaiveTime, match="2026-07-03T15:00:00 has no time zone"):
        as_utc(datetime(2026, 7, 3, 15))  # noqa: DTZ001


def test_a_time_in_another_zone_is_the_same_moment():
    tokyo = datetime(2026, 7, 3, 22, tzinfo=timezone(timedelta(hours=9)))

    assert (as_utc(tokyo), as_utc(tokyo).tzinfo) == (utc("2026-07-03 13:00"), UTC)

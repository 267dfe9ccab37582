"""Does automatic mail wait for the sending window, in the customer's zone unless told otherwise?"""

import json
from datetime import date

import pytest

from caseloop.domain.hours import Hours
from caseloop.domain.windows import SendingWindow
from caseloop.domain.working_calendar import InvalidCalendar, NoWorkingHours
from caseloop.domain.zones import UnknownZone
from tests.domain.times import local, shown, utc

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("customer_zone", "at", "sent_at"),
    [
        (BERLIN, "Fri 2026-07-03 15:00", "Fri 2026-07-03 15:00"),
        (BERLIN, "Fri 2026-07-03 17:59", "Fri 2026-07-03 17:59"),
        (BERLIN, "Fri 2026-07-03 18:00", "Mon 2026-07-06 08:00"),
        (BERLIN, "Sun 2026-07-05 15:00", "Mon 2026-07-06 08:00"),
        (BERLIN, "Sun 2026-03-29 03:00", "Mon 2026-03-30 08:00"),
        (BERLIN, "Fri 2026-10-23 18:00", "Mon 2026-10-26 08:00"),
        (NEW_YORK, "Sun 2026-03-08 12:00", "Mon 2026-03-09 08:00"),
        (LORD_HOWE, "Sat 2026-10-03 12:00", "Mon 2026-10-05 08:00"),
        ("Asia/Kathmandu", "Mon 2026-07-06 07:45", "Mon 2026-07-06 08:00"),
        ("Pacific/Apia", "Thu 2011-12-29 18:30", "Mon 2012-01-02 08:00"),
    ],
)
def test_mail_goes_out_from_monday_to_friday_8_to_18_where_the_customer_is(customer_zone, at, sent_at):
    opening = SendingWindow().next_opening(local(at, customer_zone), customer_zone)

    assert shown(opening, customer_zone) == sent_at


def test_the_window_s_own_zone_goes_before_the_customer_s():
    at = local("Fri 2026-07-03 09:00", BERLIN)  # 3:00 in New York

    assert SendingWindow(zone=BERLIN).next_opening(at, NEW_YORK) == at
    assert SendingWindow().next_opening(at, NEW_YORK) == local("Fri 2026-07-03 08:00", NEW_YORK)


def test_holidays_are_left_out_where_the_customer_is():
    independence_day = SendingWindow(holidays=frozenset({date(2026, 7, 3)}))
    at = local("Fri 2026-07-03 01:00", BERLIN)  # still Thursday 19:00 in New York

    assert independence_day.next_opening(at, NEW_YORK) == local("Mon 2026-07-06 08:00", NEW_YORK)


def test_a_window_that_the_clock_jumps_over_opens_another_day():
    night_shift = SendingWindow(Hours((((120, 180),),) * 7), BERLIN)

    opening = night_shift.next_opening(local("Sat 2026-03-28 04:00", BERLIN), BERLIN)

    assert shown(opening, BERLIN) == "Mon 2026-03-30 02:00"


def test_a_window_that_the_clock_cuts_into_opens_at_the_jump():
    night_shift = SendingWindow(Hours((((150, 240),),) * 7), BERLIN)

    opening = night_shift.next_opening(local("Sat 2026-03-28 05:00", BERLIN), BERLIN)

    assert shown(opening, BERLIN) == "Sun 2026-03-29 03:00"


def test_it_is_open_while_mail_may_go_out():
    window = SendingWindow()

    assert window.is_open(local("Fri 2026-07-03 08:00", BERLIN), BERLIN)
    assert not window.is_open(local("Fri 2026-07-03 18:00", BERLIN), BERLIN)


def test_a_window_that_never_opens_is_refused():
    with pytest.raises(NoWorkingHours, match="The sending window never opens"):
        SendingWindow(Hours(((),) * 7))


def test_a_window_in_no_zone_is_refused():
    with pytest.raises(UnknownZone, match="'Berlin' is not a time zone"):
        SendingWindow(zone="Berlin")


def test_a_customer_in_no_zone_is_refused():
    with pytest.raises(UnknownZone, match="'Berlin' is not a time zone"):
        SendingWindow().next_opening(utc("2026-07-03 13:00"), "Berlin")


@pytest.mark.parametrize("zone", [None, NEW_YORK])
def test_a_window_survives_its_json(zone):
    window = SendingWindow(Hours.weekdays("9:00", "12:30"), zone, frozenset({date(2026, 7, 3), date(2026, 1, 1)}))

    assert SendingWindow.from_json(json.loads(json.dumps(window.to_json()))) == window


def test_a_stored_window_of_another_shape_is_refused():
    with pytest.raises(InvalidCalendar):
        SendingWindow.from_json({"zone": None})

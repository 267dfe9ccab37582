"""When is a wait over? Lines as administrators read them: our mail then, so much to wait, over then."""

from datetime import UTC, date, datetime, timedelta

import pytest

from caseloop.domain.calendar import (
    Duration,
    Hours,
    InvalidPause,
    NaiveTime,
    NoWorkingHours,
    Pause,
    SendingWindow,
    WorkingCalendar,
    deadline,
    working_day_after,
)
from tests.domain.times import local, shown, utc

BERLIN, NEW_YORK, LORD_HOWE, APIA = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"
EIGHT_TO_FIVE = Hours.weekdays("8:00", "17:00")
OFFICE = WorkingCalendar(BERLIN, EIGHT_TO_FIVE, frozenset({date(2026, 5, 25)}))
"""Monday to Friday 8-17; Whit Monday, 25 May 2026, is a holiday."""


def over(start: str, wait: str, calendar: WorkingCalendar = OFFICE, pauses: tuple[str, ...] = ()) -> str:
    """When the wait is over on a wall clock of the calendar's zone; a pause is "since -> until" or "since -> "."""
    at = deadline(
        local(start, calendar.zone),
        Duration.parse(wait),
        calendar,
        [_pause(line, calendar) for line in pauses],
    )
    return shown(at, calendar.zone) if at else "never"


def _pause(line: str, calendar: WorkingCalendar) -> Pause:
    since, until = (local(end.strip(), calendar.zone) if end.strip() else None for end in line.split("->"))
    assert since
    return Pause(since, until)


@pytest.mark.parametrize(
    ("our_mail", "wait", "over_at"),
    [
        ("Fri 2026-07-03 15:00", "48 hours", "Sun 2026-07-05 15:00"),
        ("Fri 2026-07-03 15:00", "2 days", "Sun 2026-07-05 15:00"),
        # working hours
        ("Fri 2026-07-03 16:00", "2 working hours", "Mon 2026-07-06 09:00"),
        ("Fri 2026-07-03 15:00", "2 working hours", "Fri 2026-07-03 17:00"),
        ("Fri 2026-07-03 20:00", "1 working hour", "Mon 2026-07-06 09:00"),
        ("Mon 2026-07-06 06:00", "9 working hours", "Mon 2026-07-06 17:00"),
        ("Fri 2026-05-22 16:00", "2 working hours", "Tue 2026-05-26 09:00"),
        ("Mon 2026-07-06 08:00", "45 working hours", "Fri 2026-07-10 17:00"),
        # working days
        ("Fri 2026-07-03 15:00", "1 working day", "Mon 2026-07-06 15:00"),
        ("Fri 2026-07-03 15:00", "2 working days", "Tue 2026-07-07 15:00"),
        ("Fri 2026-05-22 17:00", "1 working day", "Tue 2026-05-26 17:00"),
        ("Fri 2026-07-03 20:00", "1 working day", "Mon 2026-07-06 20:00"),
        ("Mon 2026-07-06 06:00", "5 working days", "Mon 2026-07-13 06:00"),
        # what begins on a day off gives whole working days
        ("Sat 2026-07-04 11:00", "1 working day", "Tue 2026-07-07 00:00"),
        ("Sun 2026-07-05 23:59", "1 working day", "Tue 2026-07-07 00:00"),
        ("Sat 2026-07-04 11:00", "5 working days", "Sat 2026-07-11 00:00"),
        ("Mon 2026-05-25 11:00", "1 working day", "Wed 2026-05-27 00:00"),
    ],
)
def test_a_wait_is_over_when_all_of_it_has_been_counted(our_mail, wait, over_at):
    assert over(our_mail, wait) == over_at


@pytest.mark.parametrize(
    ("zone", "our_mail", "wait", "over_at"),
    [
        # 29 March 2026 at 2:00 the clocks in Berlin go to 3:00
        (BERLIN, "Sat 2026-03-28 15:00", "24 hours", "Sun 2026-03-29 16:00"),
        (BERLIN, "Sat 2026-03-28 15:00", "1 day", "Sun 2026-03-29 15:00"),
        (BERLIN, "Sat 2026-03-28 02:30", "1 day", "Sun 2026-03-29 03:00"),
        (BERLIN, "Sat 2026-03-28 02:30", "2 days", "Mon 2026-03-30 02:30"),
        (BERLIN, "Fri 2026-03-27 15:00", "1 working day", "Mon 2026-03-30 15:00"),
        # 25 October 2026 at 3:00 they go back to 2:00
        (BERLIN, "Sat 2026-10-24 15:00", "24 hours", "Sun 2026-10-25 14:00"),
        (BERLIN, "Sat 2026-10-24 15:00", "1 day", "Sun 2026-10-25 15:00"),
        (BERLIN, "Sun 2026-10-25 15:00", "1 day", "Mon 2026-10-26 15:00"),
        (NEW_YORK, "Sat 2026-03-07 02:30", "1 day", "Sun 2026-03-08 03:00"),
        (NEW_YORK, "Sat 2026-10-31 12:00", "48 hours", "Mon 2026-11-02 11:00"),
        (NEW_YORK, "Sat 2026-10-31 12:00", "2 days", "Mon 2026-11-02 12:00"),
        # half an hour: 4 October 2026 at 2:00 to 2:30; 5 April 2026 at 2:00 to 1:30
        (LORD_HOWE, "Sat 2026-10-03 09:00", "24 hours", "Sun 2026-10-04 09:30"),
        (LORD_HOWE, "Sat 2026-10-03 09:00", "1 day", "Sun 2026-10-04 09:00"),
        (LORD_HOWE, "Sat 2026-10-03 02:15", "1 day", "Sun 2026-10-04 02:30"),
        (LORD_HOWE, "Sat 2026-04-04 09:00", "24 hours", "Sun 2026-04-05 08:30"),
        ("Asia/Kathmandu", "Fri 2026-07-03 16:45", "30 working hours", "Thu 2026-07-09 10:45"),
        # Samoa went from Thursday 29 to Saturday 31 December 2011
        (APIA, "Thu 2011-12-29 10:00", "24 hours", "Sat 2011-12-31 10:00"),
        (APIA, "Thu 2011-12-29 10:00", "2 days", "Sat 2011-12-31 10:00"),
        (APIA, "Thu 2011-12-29 10:00", "1 day", "Sat 2011-12-31 00:00"),
        (APIA, "Thu 2011-12-29 10:00", "1 working day", "Mon 2012-01-02 10:00"),
        (APIA, "Thu 2011-12-29 16:00", "2 working hours", "Mon 2012-01-02 09:00"),
    ],
)
def test_hours_pass_and_days_follow_the_clock_when_it_is_changed(zone, our_mail, wait, over_at):
    assert over(our_mail, wait, WorkingCalendar(zone, EIGHT_TO_FIVE)) == over_at


def test_what_an_hour_shown_twice_begins_ends_after_what_its_first_showing_began():
    first_showing, second_showing = utc("2026-10-25 00:50"), utc("2026-10-25 01:10")  # 2:50, then 2:10 again
    one_day = Duration.parse("1 day")

    ends = [deadline(at, one_day, OFFICE) for at in (first_showing, second_showing)]

    assert ends == [local("Mon 2026-10-26 02:50", BERLIN), local("Mon 2026-10-26 03:00", BERLIN)]


def test_round_the_clock_a_working_day_has_as_many_hours_as_it_has():
    always = WorkingCalendar(BERLIN, Hours.always())

    assert over("Sun 2026-10-25 00:00", "25 working hours", always) == "Mon 2026-10-26 00:00"
    assert over("Sun 2026-03-29 00:00", "23 working hours", always) == "Mon 2026-03-30 00:00"


def test_the_wait_of_a_calendar_with_a_lunch_break_steps_over_lunch():
    lunch = WorkingCalendar(BERLIN, Hours(((((480, 720), (780, 1020)),) * 5) + ((), ())))

    assert over("Mon 2026-07-06 11:00", "2 working hours", lunch) == "Mon 2026-07-06 14:00"
    assert over("Mon 2026-07-06 12:30", "1 working hour", lunch) == "Mon 2026-07-06 14:00"


@pytest.mark.parametrize(
    ("wait", "pause", "over_at"),
    [
        # a pause within the wait moves its end by what it took away
        ("48 hours", "Sat 2026-07-04 10:00 -> Sat 2026-07-04 13:30", "Sun 2026-07-05 18:30"),
        ("2 days", "Sat 2026-07-04 10:00 -> Tue 2026-07-07 10:00", "Wed 2026-07-08 15:00"),
        ("4 working hours", "Fri 2026-07-03 16:00 -> Mon 2026-07-06 10:00", "Mon 2026-07-06 13:00"),
        ("1 working day", "Fri 2026-07-03 15:00 -> Mon 2026-07-06 15:00", "Tue 2026-07-07 15:00"),
        # one that began before our mail counts from our mail
        ("48 hours", "Wed 2026-07-01 00:00 -> Fri 2026-07-03 16:00", "Sun 2026-07-05 16:00"),
        # one that takes away nothing that counts changes nothing
        ("4 working hours", "Fri 2026-07-03 17:00 -> Mon 2026-07-06 08:00", "Mon 2026-07-06 10:00"),
        ("1 working day", "Sat 2026-07-04 00:00 -> Mon 2026-07-06 00:00", "Mon 2026-07-06 15:00"),
        ("48 hours", "Mon 2026-06-29 00:00 -> Fri 2026-07-03 15:00", "Sun 2026-07-05 15:00"),
        ("48 hours", "Sun 2026-07-05 15:00 -> Mon 2026-07-13 00:00", "Sun 2026-07-05 15:00"),
        ("48 hours", "Sat 2026-07-04 12:00 -> Sat 2026-07-04 12:00", "Sun 2026-07-05 15:00"),
        # one that goes on keeps the wait from ending
        ("48 hours", "Sun 2026-07-05 14:59 -> ", "never"),
        ("1 working day", "Wed 2026-07-01 00:00 -> ", "never"),
        ("48 hours", "Sun 2026-07-05 15:00 -> ", "Sun 2026-07-05 15:00"),
    ],
)
def test_time_in_a_pause_does_not_count_as_waiting(wait, pause, over_at):
    assert over("Fri 2026-07-03 15:00", wait, pauses=(pause,)) == over_at


def test_pauses_may_overlap_and_come_in_any_order():
    pauses = (
        "Sun 2026-07-05 12:00 -> Sun 2026-07-05 13:00",
        "Sat 2026-07-04 10:00 -> Sat 2026-07-04 14:00",
        "Sat 2026-07-04 11:00 -> Sat 2026-07-04 12:00",
        "Sat 2026-07-04 13:00 -> Sat 2026-07-04 16:00",
    )

    assert over("Fri 2026-07-03 15:00", "48 hours", pauses=pauses) == "Sun 2026-07-05 22:00"


def test_a_pause_that_moves_the_end_into_another_pause_waits_for_that_one_too():
    pauses = (
        "Sat 2026-07-04 15:00 -> Sat 2026-07-04 18:00",
        "Sun 2026-07-05 17:00 -> Mon 2026-07-06 17:00",
    )

    assert over("Fri 2026-07-03 15:00", "48 hours", pauses=pauses) == "Mon 2026-07-06 18:00"


def test_a_day_s_pause_over_a_change_of_the_clocks_keeps_the_time_of_day():
    pause = "Sat 2026-03-28 12:00 -> Sun 2026-03-29 12:00"

    assert over("Fri 2026-03-27 15:00", "2 days", pauses=(pause,)) == "Mon 2026-03-30 15:00"


def test_the_line_in_the_rule_editor():
    """Spec 2.4: your mail Fri 15:00 -> 2nd follow-up Mon 8:00 -> 3rd -> resolved Thu 8:00."""
    window, sent_at, line = SendingWindow(zone=BERLIN), local("Fri 2026-07-03 15:00", BERLIN), []

    for wait in ("48 hours", "48 hours", "24 hours"):
        over_at = deadline(sent_at, Duration.parse(wait), OFFICE)
        assert over_at
        sent_at = window.next_opening(over_at, BERLIN)
        line.append(shown(sent_at, BERLIN))

    assert line == ["Mon 2026-07-06 08:00", "Wed 2026-07-08 08:00", "Thu 2026-07-09 08:00"]


def test_our_mail_friday_17_00_holiday_monday_next_follow_up_tuesday_8_00():
    """Spec 2.12, as people write it in a time-travel test."""
    window = SendingWindow(zone=BERLIN, holidays=OFFICE.holidays)

    over_at = deadline(local("Fri 2026-05-22 17:00", BERLIN), Duration.parse("48 hours"), OFFICE)

    assert over_at
    assert shown(window.next_opening(over_at, BERLIN), BERLIN) == "Tue 2026-05-26 08:00"


@pytest.mark.parametrize(
    ("away_until", "due_at"),
    [
        (date(2026, 7, 2), "Fri 2026-07-03 08:00"),
        (date(2026, 7, 3), "Mon 2026-07-06 08:00"),
        (date(2026, 7, 4), "Mon 2026-07-06 08:00"),
        (date(2026, 5, 22), "Tue 2026-05-26 08:00"),
    ],
)
def test_the_next_step_is_due_when_the_working_day_after_a_date_opens(away_until, due_at):
    assert shown(working_day_after(away_until, OFFICE), BERLIN) == due_at


def test_the_working_day_after_a_skipped_day_is_one_that_existed():
    daily = WorkingCalendar(APIA, Hours.always())

    assert working_day_after(date(2011, 12, 29), daily) == local("Sat 2011-12-31 00:00", APIA)


def test_a_start_in_another_zone_is_the_same_moment():
    wait = Duration.parse("48 hours")
    elsewhere = datetime.fromisoformat("2026-03-28T15:00:00+01:00")

    assert deadline(elsewhere, wait, OFFICE) == deadline(elsewhere.astimezone(UTC), wait, OFFICE)


def test_a_start_without_zone_is_refused():
    with pytest.raises(NaiveTime):
        deadline(datetime(2026, 7, 3, 15), Duration.parse("48 hours"), OFFICE)  # noqa: DTZ001


def test_a_wait_that_a_sparse_calendar_never_fulfils_is_refused_and_says_so():
    one_minute_a_week = WorkingCalendar(BERLIN, Hours((((480, 481),), (), (), (), (), (), ())))

    with pytest.raises(NoWorkingHours, match="No 9 working hours within ten years of 2026-07-03"):
        deadline(utc("2026-07-03 13:00"), Duration.parse("9 working hours"), one_minute_a_week)


def test_a_pause_cannot_end_before_it_begins():
    with pytest.raises(InvalidPause, match="cannot end"):
        Pause(utc("2026-07-03 13:00"), utc("2026-07-03 12:59"))


@pytest.mark.parametrize("until", [None, utc("2026-07-03 13:00") + timedelta(microseconds=1)])
def test_a_pause_survives_its_json(until):
    pause = Pause(utc("2026-07-03 13:00"), until)

    assert Pause.from_json(pause.to_json()) == pause


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"since": "2026-07-03T13:00:00+00:00"},
        {"since": "soon", "until": None},
        {"since": 5, "until": 6},
        None,
        [],
    ],
)
def test_a_stored_pause_of_another_shape_is_refused(data):
    with pytest.raises(InvalidPause, match='A pause has "since" and "until"'):
        Pause.from_json(data)

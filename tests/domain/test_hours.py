"""Do opening hours refuse what cannot be, and say which day?"""

import json

import pytest

from caseloop.domain.hours import Hours, InvalidHours

EIGHT_TO_FIVE = ((480, 1020),)
CLOSED = ()


def week(monday, sunday=CLOSED):
    return (monday, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, sunday)


def test_weekdays_are_open_from_monday_to_friday():
    hours = Hours.weekdays("8:00", "17:00")

    assert hours.week == (EIGHT_TO_FIVE,) * 5 + (CLOSED,) * 2


def test_a_day_may_have_a_lunch_break_and_end_at_midnight():
    assert Hours(week(((480, 720), (780, 1440)))).to_json()[0] == [["08:00", "12:00"], ["13:00", "24:00"]]


def test_hours_may_touch_each_other():
    assert Hours(week(((480, 720), (720, 1020)))).week[0] == ((480, 720), (720, 1020))


def test_always_is_round_the_clock():
    assert all(spans == ((0, 1440),) for spans in Hours.always().week)


@pytest.mark.parametrize(
    ("sunday", "sentence"),
    [
        (((1080, 480),), "Sunday: hours run from an earlier to a later time .* not from 18:00 to 08:00"),
        (((480, 480),), "Sunday: hours run"),
        (((480, 1441),), "Sunday: hours run"),
        (((-60, 480),), "Sunday: hours run"),
        (((480, 720), (700, 900)), "Sunday: the hours from 11:40 overlap or precede"),
        (((780, 900), (480, 720)), "Sunday: the hours from 08:00 overlap or precede"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_day(sunday, sentence):
    with pytest.raises(InvalidHours, match=sentence):
        Hours(week(CLOSED, sunday))


def test_a_week_has_seven_days():
    with pytest.raises(InvalidHours, match="seven days, Monday first, not 5"):
        Hours((EIGHT_TO_FIVE,) * 5)


@pytest.mark.parametrize("clock", ["8", "8:60", "25:00", "24:01", "8.00", "", "noon", None, 8])
def test_a_time_that_is_not_on_the_clock_is_refused(clock):
    with pytest.raises(InvalidHours, match="is not a time of day"):
        Hours.weekdays(clock, "18:00")


def test_hours_survive_their_json():
    hours = Hours(week(((0, 90), (480, 1440)), ((61, 62),)))

    assert Hours.from_json(json.loads(json.dumps(hours.to_json()))) == hours


@pytest.mark.parametrize(
    "data", [None, 5, "Mon-Fri", [[["8:00"]]] * 7, [["8:00", "18:00"]] * 7, [[["8:00", "9:00", "10:00"]]] * 7]
)
def test_stored_hours_of_another_shape_are_refused_with_an_example(data):
    with pytest.raises(InvalidHours, match=r'pairs like \["08:00", "18:00"\]|not a time of day'):
        Hours.from_json(data)

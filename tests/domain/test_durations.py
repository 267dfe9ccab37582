"""Does a wait read as people write it, and refuse what it cannot be?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloop.domain.durations import Duration, InvalidDuration, Unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("48 hours", Duration(48, Unit.HOURS)),
        ("1 hour", Duration(1, Unit.HOURS)),
        ("1 day", Duration(1, Unit.DAYS)),
        ("2 working days", Duration(2, Unit.WORKING_DAYS)),
        ("8 working hours", Duration(8, Unit.WORKING_HOURS)),
        ("  3 Working_Days ", Duration(3, Unit.WORKING_DAYS)),
        ("2days", Duration(2, Unit.DAYS)),
        ("8760 hours", Duration(8760, Unit.HOURS)),
        ("365 working days", Duration(365, Unit.WORKING_DAYS)),
    ],
)
def test_a_wait_is_read_as_it_is_written(text, expected):
    assert Duration.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "48",
        "hours",
        "two days",
        "1.5 days",
        "-2 hours",
        "2 weeks",
        "2 days ago",
        "48 hours 5",
        "٤٨ hours",
        None,
        48,
    ],
)
def test_a_wait_that_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(InvalidDuration, match='like "48 hours"'):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("0 hours", "wait in hours is a whole number from 1 to 8760, not 0"),
        ("8761 hours", "from 1 to 8760, not 8761"),
        ("366 days", "wait in days is a whole number from 1 to 365, not 366"),
        ("366 working days", "wait in working days is a whole number from 1 to 365"),
        ("8761 working hours", "wait in working hours is a whole number from 1 to 8760"),
        ("999999999 days", "from 1 to 365"),
    ],
)
def test_a_wait_out_of_bounds_is_refused_with_the_bounds(text, allowed):
    with pytest.raises(InvalidDuration, match=allowed):
        Duration.parse(text)


@pytest.mark.parametrize("amount", [True, 1.0, "2", None])
def test_a_wait_is_a_whole_number_and_nothing_like_it(amount):
    with pytest.raises(InvalidDuration, match="whole number"):
        Duration(amount, Unit.HOURS)


@pytest.mark.parametrize(
    ("wait", "text"),
    [
        (Duration(48, Unit.HOURS), "48 hours"),
        (Duration(1, Unit.DAYS), "1 day"),
        (Duration(1, Unit.WORKING_HOURS), "1 working hour"),
        (Duration(2, Unit.WORKING_DAYS), "2 working days"),
    ],
)
def test_a_wait_reads_as_a_person_would_say_it(wait, text):
    assert str(wait) == text


def test_a_day_of_either_kind_is_24_hours_long_on_the_clock():
    assert Duration.parse("2 working days").length == Duration.parse("48 hours").length == timedelta(hours=48)


@given(st.integers(1, 365), st.sampled_from(Unit))
def test_a_wait_survives_its_json(amount, unit):
    wait = Duration(amount, unit)

    assert Duration.from_json(wait.to_json()) == wait

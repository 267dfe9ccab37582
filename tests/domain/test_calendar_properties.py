"""Does a wait keep its promises for every start, unit, zone and pause? Also checked by counting quarter by quarter."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from caseloop.domain.calendar import (
    Duration,
    Hours,
    Pause,
    SendingWindow,
    Unit,
    WorkingCalendar,
    deadline,
)
from caseloop.domain.zones import wall_clock
from tests.domain.times import CLOCK_CHANGES, ZONES, moments, quarters, round_moments, zones

QUARTER = timedelta(minutes=15)


@st.composite
def day_spans(draw, step=15):
    ends = sorted(draw(st.sets(st.integers(0, 1440 // step), max_size=6)))
    return tuple((step * start, step * end) for start, end in zip(ends[::2], ends[1::2], strict=False))


weeks = st.one_of(
    st.just(Hours.weekdays("8:00", "17:00")),
    st.just(Hours.always()),
    st.tuples(*[day_spans()] * 7).filter(any).map(Hours),
)
holidays = st.frozensets(
    st.builds(
        lambda change, days: change.date() + timedelta(days=days),
        st.sampled_from(CLOCK_CHANGES),
        st.integers(-5, 9),
    ),
    max_size=6,
)
calendars = st.builds(WorkingCalendar, zones, weeks, holidays)
steady_calendars = st.builds(
    WorkingCalendar, st.sampled_from(("UTC", "Asia/Kathmandu", "America/Phoenix")), weeks, holidays
)
"""In zones whose clock isn't changed."""

waits = st.builds(Duration, st.integers(1, 100), st.sampled_from(Unit))
short_waits = st.one_of(
    st.builds(Duration, st.integers(1, 20), st.sampled_from((Unit.HOURS, Unit.WORKING_HOURS))),
    st.builds(Duration, st.integers(1, 3), st.sampled_from((Unit.DAYS, Unit.WORKING_DAYS))),
)
lengths = st.integers(0, 14 * 24 * 4).map(lambda quarter: quarter * QUARTER)


@st.composite
def pauses_near(draw, start, at_most=4):
    """Pauses around a start, overlapping or not, in any order."""
    begins = draw(st.lists(quarters, max_size=at_most))
    return [Pause(start + begin, start + begin + draw(lengths)) for begin in begins]


@st.composite
def waiting(draw, starts=moments, calendars=calendars, waits=waits):
    start = draw(starts)
    return start, draw(waits), draw(calendars), draw(pauses_near(start))


@given(waiting())
def test_a_wait_is_over_after_it_began(case):
    start, wait, calendar, pauses = case

    over_at = deadline(start, wait, calendar, pauses)

    assert over_at > start
    assert over_at.tzinfo is UTC


@given(waiting(), st.one_of(quarters, st.integers(-7200, 7200).map(lambda second: timedelta(seconds=second))))
def test_a_later_start_never_gives_an_earlier_end(case, away):
    start, wait, calendar, pauses = case
    earlier, later = sorted((start, start + away))

    assert deadline(earlier, wait, calendar, pauses) <= deadline(later, wait, calendar, pauses)


@given(waiting())
def test_a_longer_wait_never_ends_earlier(case):
    start, wait, calendar, pauses = case
    longer = Duration(wait.amount + 1, wait.unit)

    assert deadline(start, wait, calendar, pauses) < deadline(start, longer, calendar, pauses)


@given(waiting(), st.data())
def test_splitting_a_pause_changes_nothing(case, data):
    start, wait, calendar, pauses = case
    pause = Pause(start + data.draw(quarters), None)
    pause = Pause(pause.since, pause.since + data.draw(lengths))
    cut = pause.since + (pause.until - pause.since) * data.draw(st.floats(0, 1))
    pieces = [Pause(cut, pause.until), Pause(pause.since, cut)]

    assert deadline(start, wait, calendar, [*pauses, pause]) == deadline(start, wait, calendar, [*pieces, *pauses])


@given(waiting(), st.randoms())
def test_the_order_of_pauses_and_a_pause_told_twice_change_nothing(case, random):
    start, wait, calendar, pauses = case
    shuffled = [*pauses, *pauses]
    random.shuffle(shuffled)

    assert deadline(start, wait, calendar, shuffled) == deadline(start, wait, calendar, pauses)


@given(waiting(), lengths, lengths)
def test_a_pause_outside_the_wait_shifts_nothing(case, away, length):
    start, wait, calendar, pauses = case
    over_at = deadline(start, wait, calendar, pauses)
    before = Pause(start - away - length, start - away)
    after = Pause(over_at + away, over_at + away + length)
    for_ever_after = Pause(over_at + away, None)

    assert deadline(start, wait, calendar, [*pauses, before, after, for_ever_after]) == over_at


@given(waiting(), st.floats(0, 1, exclude_max=True))
def test_a_pause_that_goes_on_from_before_the_end_keeps_it_from_coming(case, share):
    start, wait, calendar, pauses = case
    over_at = deadline(start, wait, calendar, pauses)
    since = start + (over_at - start) * share
    assume(since < over_at)

    # While the clock is set back, days stand still: a pause may begin when nothing is left to wait for.
    assume(
        wait.unit in (Unit.HOURS, Unit.WORKING_HOURS)
        or wall_clock(since, calendar.zone) < wall_clock(over_at, calendar.zone)
    )

    assert deadline(start, wait, calendar, [*pauses, Pause(since, None)]) is None


@given(moments, st.integers(1, 200), calendars, st.floats(0, 1, exclude_max=True), lengths)
def test_a_pause_within_a_wait_in_hours_shifts_it_by_its_length(start, amount, calendar, share, length):
    wait = Duration(amount, Unit.HOURS)
    since = start + wait.length * share
    assume(since < start + wait.length)

    assert deadline(start, wait, calendar, [Pause(since, since + length)]) == start + wait.length + length


@given(moments, st.integers(1, 100), calendars)
def test_the_working_time_until_the_end_is_the_wait(start, amount, calendar):
    over_at = deadline(start, Duration(amount, Unit.WORKING_HOURS), calendar)

    assert calendar.working_time_between(start, over_at) == timedelta(hours=amount)
    assert calendar.working_time_between(start, over_at - timedelta(seconds=1)) < timedelta(hours=amount)
    assert calendar.add_working(start, amount * 60) == over_at


@given(
    waiting(
        starts=round_moments,
        waits=st.builds(Duration, st.integers(1, 20), st.sampled_from((Unit.HOURS, Unit.WORKING_HOURS))),
    )
)
def test_hours_are_what_one_counts_quarter_by_quarter(case):
    start, wait, calendar, pauses = case

    assert deadline(start, wait, calendar, pauses) == _counted(start, wait, calendar, pauses)


@given(waiting(starts=round_moments, calendars=steady_calendars, waits=short_waits))
def test_days_are_what_one_counts_quarter_by_quarter_where_no_clock_is_changed(case):
    start, wait, calendar, pauses = case

    assert deadline(start, wait, calendar, pauses) == _counted(start, wait, calendar, pauses)


def _counted(start, wait, calendar, pauses):
    """The same, by looking at every quarter of an hour: does it count, and is it enough now?"""
    counts = {
        Unit.HOURS: _always,
        Unit.DAYS: _always,
        Unit.WORKING_HOURS: _is_open,
        Unit.WORKING_DAYS: _is_working_day,
    }
    left, at = wait.length, start
    while left:
        paused = any(pause.since <= at < pause.until for pause in pauses)
        if not paused and counts[wait.unit](calendar, at):
            left -= QUARTER
        at += QUARTER
        assert at < start + timedelta(days=2000)
    return at


def _always(calendar, at):
    return True


def _is_open(calendar, at):
    """By the clock on the wall; in an hour that is shown twice the first showing decides (see zones.py)."""
    local = at.astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    if local.fold or _is_repeated(local):
        return any(opens_at <= at < closes_at for opens_at, closes_at in calendar.periods_from(at - timedelta(days=1)))
    return local.date() not in calendar.holidays and any(
        start <= minute < end for start, end in calendar.hours.week[local.weekday()]
    )


def _is_repeated(local):
    return local.replace(fold=1).utcoffset() != local.utcoffset()


def _is_working_day(calendar, at):
    day = at.astimezone(ZoneInfo(calendar.zone)).date()
    return day not in calendar.holidays and bool(calendar.hours.week[day.weekday()])


@given(moments, zones, weeks, st.one_of(st.none(), zones), holidays)
def test_the_next_opening_lies_in_the_window_and_stays_where_it_is(at, customer_zone, hours, own_zone, days):
    window = SendingWindow(hours, own_zone, days)

    opening = window.next_opening(at, customer_zone)

    assert opening >= at
    assert window.next_opening(opening, customer_zone) == opening
    assert window.is_open(opening, customer_zone)
    local = opening.astimezone(ZoneInfo(own_zone or customer_zone))
    if not local.fold and not _is_repeated(local):
        minute = local.hour * 60 + local.minute
        assert local.date() not in days
        assert any(start <= minute < end for start, end in hours.week[local.weekday()])


@given(moments, moments, zones, weeks, holidays)
def test_no_opening_is_passed_over(one, other, zone, hours, days):
    window = SendingWindow(hours, zone, days)
    earlier, later = sorted((one, other))

    assert window.next_opening(earlier, zone) <= window.next_opening(later, zone)
    if window.is_open(later, zone):
        assert window.next_opening(earlier, zone) <= later


@given(calendars)
def test_a_calendar_survives_its_json(calendar):
    assert WorkingCalendar.from_json(json.loads(json.dumps(calendar.to_json()))) == calendar


@given(st.builds(SendingWindow, weeks, st.one_of(st.none(), st.sampled_from(ZONES)), holidays))
def test_a_window_survives_its_json(window):
    assert SendingWindow.from_json(json.loads(json.dumps(window.to_json()))) == window


@given(moments, st.one_of(st.none(), lengths))
def test_a_pause_survives_its_json(since, length):
    pause = Pause(since, None if length is None else since + length)

    assert Pause.from_json(json.loads(json.dumps(pause.to_json()))) == pause


@given(calendars, st.dates(date(2011, 1, 1), date(2030, 1, 1)))
def test_the_next_working_day_is_the_first_one(calendar, day):
    later = calendar.next_working_day_after(day)

    assert later > day
    assert calendar.is_working_day(later)
    between = [day + timedelta(days=number) for number in range(1, (later - day).days)]
    assert not any(calendar.is_working_day(one) for one in between)


def test_the_clock_changes_drawn_from_are_changes_of_a_clock():
    for change in CLOCK_CHANGES:
        assert any(_offset(change - QUARTER, zone) != _offset(change, zone) for zone in ZONES), change


def _offset(at: datetime, zone: str) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone)).utcoffset()

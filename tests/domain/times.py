"""How do tests of the core write and draw times? Short spellings, and Hypothesis strategies that seek hard ones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
)
zones = st.sampled_from(ZONES)

CLOCK_CHANGES = [
    datetime.fromisoformat(f"{moment}+00:00")
    for moment in (
        "2026-03-29 01:00",  # Berlin forward
        "2026-10-25 01:00",  # Berlin back
        "2026-03-08 07:00",  # New York forward
        "2026-11-01 06:00",  # New York back
        "2026-10-03 15:30",  # Lord Howe forward, half an hour
        "2026-04-04 15:00",  # Lord Howe back
        "2011-12-30 10:00",  # Apia loses a day
        "2018-11-04 03:00",  # Sao Paulo has no midnight
        "2026-11-01 05:00",  # Havana has two
        "2010-11-07 02:31",  # St. John's goes back to yesterday
    )
]


def utc(text: str) -> datetime:
    """A moment as "2026-07-03 13:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str) -> datetime:
    """A moment (UTC) as "Fri 2026-07-03 15:00" on a wall clock; the name of the day is checked."""
    name, _, reading = text.partition(" ")
    moment = datetime.fromisoformat(reading).replace(tzinfo=ZoneInfo(zone))
    assert moment.strftime("%a") == name, f"{reading} is a {moment:%a}"
    return moment.astimezone(UTC)


def shown(moment: datetime, zone: str) -> str:
    """A moment as local() reads it."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


quarters = st.integers(-4 * 24 * 4, 4 * 24 * 4).map(lambda quarter: timedelta(minutes=15 * quarter))
round_moments = st.builds(
    lambda change, away: change.replace(minute=0) + away, st.sampled_from(CLOCK_CHANGES), quarters
)
"""Whole quarters of an hour within four days of a change of the clocks somewhere."""

moments = st.one_of(
    round_moments,
    st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(CLOCK_CHANGES),
        st.integers(-7200, 7200),
    ),
    st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)

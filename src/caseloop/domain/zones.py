"""Which moment is it when a clock on a wall somewhere shows a given time, and the other way round?

Moments are aware and UTC, readings of a wall clock are naive. Twice a year the two disagree; we settle it
so that waiting never runs backwards (a later start never gives an earlier end):

* a reading that the clock jumps over means the moment of the jump (2:30 becomes 3:00 in a European March;
  in Samoa the whole of 2011-12-30 becomes the first moment of the 31st);
* a reading that comes twice means its first time;
* while the clock repeats an hour that it has already shown, it counts as standing still at that hour's end.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from caseloop.domain.errors import DomainError


class UnknownZone(DomainError):
    """There is no time zone of that name."""


class NaiveTime(DomainError):
    """A time came without its zone."""


def start_of_day(day: date, zone: str) -> datetime:
    """The first moment (UTC) of a local calendar day in the zone; raises UnknownZone."""
    return moment_of(datetime.combine(day, time.min), zone)


def local_date(at: datetime, zone: str) -> date:
    """The date that a calendar on a wall in the zone shows at that moment; raises UnknownZone, NaiveTime."""
    return as_utc(at).astimezone(zone_named(zone)).date()


def moment_of(reading: datetime, zone: str) -> datetime:
    """The moment (UTC) when a wall clock in the zone first shows the naive reading, or jumps over it."""
    info = zone_named(zone)
    moment = reading.replace(tzinfo=info, fold=0).astimezone(UTC)
    if moment.astimezone(info).replace(tzinfo=None) == reading:
        return moment
    return _jump_between(reading.replace(tzinfo=info, fold=1).astimezone(UTC), moment, info)


def wall_clock(at: datetime, zone: str) -> datetime:
    """The naive reading of a wall clock that never goes back (see above); raises UnknownZone, NaiveTime."""
    info = zone_named(zone)
    local = as_utc(at).astimezone(info)
    if not local.fold:
        return local.replace(tzinfo=None)
    first_time = local.replace(fold=0)
    jump = _jump_between(first_time.astimezone(UTC), at, info)
    return jump.replace(tzinfo=None) + _offset(first_time)


def as_utc(at: datetime) -> datetime:
    """The same moment in UTC; raises NaiveTime when it has no zone."""
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise NaiveTime(f"{at.isoformat()} has no time zone. Hand in an aware time.")
    return at.astimezone(UTC)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; raises UnknownZone, also for names that mean another zone elsewhere."""
    try:
        if name.split("/")[0] not in {"right", "posix", "posixrules", "localtime", "Factory"}:
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError, AttributeError, TypeError):
        pass
    raise UnknownZone(f'{name!r} is not a time zone. Use a name like "Europe/Berlin", "America/New_York" or "UTC".')


def _jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second whose offset is that of `after`, when the clock is set once in between."""
    earlier, later = int(before.timestamp()), int(after.timestamp())
    offset = _offset(after.astimezone(zone))
    while later - earlier > 1:
        middle = (earlier + later) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == offset:
            later = middle
        else:
            earlier = middle
    return datetime.fromtimestamp(later, UTC)


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None
    return offset

"""What a user sets for themselves."""

from __future__ import annotations

import zoneinfo
from datetime import datetime

from caseloop.accounts.models import User


class AccountError(Exception):
    """A setting that was refused; nothing was changed."""


def set_appearance(user: User, *, theme: str, time_zone: str) -> User:
    """Light, dark or as the device, and the zone in which times are shown."""
    if theme not in ("device", "light", "dark"):
        raise AccountError("Choose light, dark, or as the device.")
    if time_zone not in zoneinfo.available_timezones():
        raise AccountError(f"There is no time zone “{time_zone}”.")
    user.theme, user.time_zone = theme, time_zone
    user.save(update_fields=["theme", "time_zone"])
    return user


def set_away(user: User, until: datetime | None, *, now: datetime) -> User:
    """Away until then: suggestions and answers go to the team; None is back (spec 1.1)."""
    if until is not None and until <= now:
        raise AccountError("The day of return must lie ahead.")
    user.away_until = until
    user.save(update_fields=["away_until"])
    return user

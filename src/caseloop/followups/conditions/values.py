"""Is the value of a condition one that its field and operator can be compared with?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias

from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.fields import Field, Type
from caseloop.followups.conditions.operators import Operator, Takes, takes

One: TypeAlias = str | Decimal | date | datetime
Value: TypeAlias = One | tuple[One, ...] | None

LONGEST_TEXT = 500
LONGEST_LIST = 200
MOST_DAYS = 36_500
LARGEST_NUMBER = Decimal(10) ** 15
YEARS = range(1900, 2201)


def checked(field: Field, operator: Operator, value: object) -> Value:
    """The value in its own type: texts, `Decimal`, `date`, aware `datetime`; raises `BadCondition`."""
    match takes(operator, field.type):
        case Takes.NOTHING:
            if value is not None:
                raise BadCondition(f"“{operator}” takes no value.")
            return None
        case Takes.DAYS:
            return _days(operator, value)
        case Takes.LIST:
            return _list(field, operator, value)
        case Takes.ONE:
            return _one(field, operator)(value)


def _days(operator: Operator, value: object) -> Decimal:
    days = _number(value, f"“{operator}” takes a number of days")
    if not 0 <= days <= MOST_DAYS:
        raise BadCondition(f"“{operator}” takes between 0 and {MOST_DAYS} days, not {days}.")
    return days


def _list(field: Field, operator: Operator, value: object) -> tuple[One, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise BadCondition(f"“{operator}” takes a list with at least one value, not {_shown(value)}.")
    if len(value) > LONGEST_LIST:
        raise BadCondition(f"“{operator}” takes at most {LONGEST_LIST} values, not {len(value)}.")
    check = _one(field, operator)
    return tuple(check(item) for item in value)


def _one(field: Field, operator: Operator) -> Callable[[object], One]:
    match field.type:
        case Type.TEXT | Type.TEXTS:
            return lambda value: _text(operator, value)
        case Type.CHOICE:
            return lambda value: _choice(field, value)
        case Type.NUMBER:
            return lambda value: _number(value, f"“{field.label}” is compared with a number")
        case Type.TIME:
            return lambda value: _day_or_time(field, operator, value)
        case Type.DATE:
            return lambda value: _day(field, value)
        case Type.AGE | Type.FLAG:
            raise BadCondition(f"“{operator}” does not go with “{field.label}”.")


def _text(operator: Operator, value: object) -> str:
    if not isinstance(value, str):
        raise BadCondition(f"“{operator}” takes a text, not {_shown(value)}.")
    if not value:
        raise BadCondition("the text is empty; use “is empty” or “is not empty”.")
    if len(value) > LONGEST_TEXT:
        raise BadCondition(f"the text is longer than {LONGEST_TEXT} characters.")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadCondition("the text has a character that no text in a case can have.")
    return value


def _choice(field: Field, value: object) -> str:
    wanted = value.casefold() if isinstance(value, str) else None
    for key, label in field.choices:
        if wanted in (key.casefold(), label.casefold()):
            return key
    known = ", ".join(key for key, _ in field.choices)
    raise BadCondition(f"“{field.label}” is one of {known}, not {_shown(value)}.")


def _number(value: object, what: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise BadCondition(f"{what}, not {_shown(value)}.")
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise BadCondition(f"{what} between {-LARGEST_NUMBER} and {LARGEST_NUMBER}.")
    if not isinstance(value, int) and not math.isfinite(value):
        raise BadCondition(f"{what}, not {value}.")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if abs(number) > LARGEST_NUMBER:
        raise BadCondition(f"{what} between {-LARGEST_NUMBER} and {LARGEST_NUMBER}.")
    return number


def _day_or_time(field: Field, operator: Operator, value: object) -> date | datetime:
    if operator is not Operator.ON:
        at = _time(value)
        if at is not None:
            if at.tzinfo is None:
                raise BadCondition("a time needs its zone, like 2026-11-23T10:14:00+01:00.")
            _check_year(field, at.year)
            return at.astimezone(UTC)
    return _day(field, value)


def _time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ][0-9:.]+(Z|[+-]\d{2}:\d{2})?", value, re.ASCII):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise BadCondition(f"{_shown(value)} is no time.") from error
    return None


def _day(field: Field, value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise BadCondition(f"there is no day {value}.") from error
    if not isinstance(value, date) or isinstance(value, datetime):
        kind = "a day like 2026-11-23, or a time like 2026-11-23T10:14:00+01:00"
        kind = kind if field.type is Type.TIME else "a day like 2026-11-23"
        raise BadCondition(f"“{field.label}” is compared with {kind}, not {_shown(value)}.")
    _check_year(field, value.year)
    return value


def _check_year(field: Field, year: int) -> None:
    if year not in YEARS:
        raise BadCondition(f"“{field.label}” is compared with days between {YEARS[0]} and {YEARS[-1]}.")


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"“{value[:40]}”"
        case int() | float():
            return str(value) if abs(value) < 10**20 else "such a number"
        case dict():
            return "a group"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return str(value)[:40]

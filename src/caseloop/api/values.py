"""Which values do bodies and parameters take? Checked before any verb sees them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja.parser import Parser
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from caseloop.api.refusals import Refused

DEEPEST = 30
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Input(BaseModel):
    """A body: a field that it does not know is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


def _moment(value: Any) -> datetime:
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        read = None
    if read is None or read.tzinfo is None:
        raise ValueError("write a time with its offset, like 2026-11-23T10:14:00+01:00.")
    if not EARLIEST <= read < LATEST:
        raise ValueError("write a time between the years 2000 and 2200.")
    return read.astimezone(UTC)


def _plain(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text has no NUL characters.")
    return text


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A time with its offset (ISO 8601); handed on in UTC."""

Id = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
Flag = Annotated[bool, Field(strict=True)]
Words = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
"""What is searched for; a parameter of the address."""


class Named(BaseModel):
    """Something that has a name."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name, as people see it.")


def named(row: Any) -> Named | None:
    """The id and name of a row, or nothing where there is none."""
    return None if row is None else Named(id=row.pk, name=str(row))


class StrictJson(Parser):
    """JSON as RFC 8259 has it, and only what PostgreSQL can keep: no NaN, no NUL, no half characters, no key twice."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Raises `Refused` with a sentence, or what `json` raises."""
        data = json.loads(
            request.body.decode("utf-8"),
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_each_key_once,
        )
        _check(data, 0)
        return data


def _unreadable(what: str) -> Refused:
    return Refused(400, "unreadable", what)


def _no_number(text: str) -> float:
    raise _unreadable(f"The body is no valid JSON: {text} is no number.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _unreadable("A number in the body is too large.")
    return number


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise _unreadable(f"The body is ambiguous: “{doubled[:40]}” stands twice in one object.")
    return found


def _check(data: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise _unreadable(f"The body nests more than {DEEPEST} deep.")
    match data:
        case str():
            if "\x00" in data or (not data.isprintable() and _has_half_character(data)):
                raise _unreadable("A text in the body has a NUL or half a character in it.")
        case list():
            for item in data:
                _check(item, depth + 1)
        case dict():
            for key, value in data.items():
                _check(key, depth + 1)
                _check(value, depth + 1)


def _has_half_character(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)

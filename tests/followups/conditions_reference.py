"""What do conditions mean? A plain second evaluator, in Python, that the one in SQL is compared with.

A case is a dict of plain values: related records are dicts within, absent ones None. It shares no code with the
product, and stays as simple as it can be.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
OPPOSITES = {"does not equal": "equals", "does not contain": "contains", "not in": "in"}


class Reference:
    """Answers for one moment, in one zone; `types` says what type each field has."""

    def __init__(self, types: dict[str, str], now: datetime, zone: str = "UTC") -> None:
        self.types, self.now, self.zone = types, now, ZoneInfo(zone)

    def holds(self, condition: dict[str, Any], case: Record) -> bool:
        if "all" in condition:
            return all(self.holds(part, case) for part in condition["all"])
        if "any" in condition:
            return any(self.holds(part, case) for part in condition["any"])
        if "not" in condition:
            return not self.holds(condition["not"], case)
        return True if not condition else self._compare(condition, case)

    def _compare(self, leaf: dict[str, Any], case: Record) -> bool:
        kind = self.types[leaf["field"]]
        values = self._values(leaf["field"], kind, case)
        operator, wanted = leaf["operator"], leaf.get("value")
        if operator == "is empty":
            return not values
        if operator == "is not empty":
            return bool(values)
        if operator in OPPOSITES:
            return bool(values) and not any(self._test(kind, OPPOSITES[operator], value, wanted) for value in values)
        return any(self._test(kind, operator, value, wanted) for value in values)

    def _values(self, name: str, kind: str, case: Record) -> list[Any]:
        found: Any = case
        for part in [name] if name in case else name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        several = found if kind == "texts" and isinstance(found, list) else [found]
        return [value for value in (self._typed(kind, one) for one in several) if value is not None]

    def _typed(self, kind: str, value: Any) -> Any:
        """None when there is no value, or one of another type."""
        if kind in ("text", "texts", "choice"):
            return value if isinstance(value, str) and value else None
        if kind == "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        if kind == "flag":
            return value if isinstance(value, bool) else None
        if kind == "date":
            return (
                _read(date, value)
                if isinstance(value, str) and len(value) == 10
                else value
                if isinstance(value, date)
                else None
            )
        at = value if isinstance(value, datetime) else _read(datetime, value)
        return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)

    def _test(self, kind: str, operator: str, value: Any, wanted: Any) -> bool:
        if kind in ("text", "texts", "choice"):
            return _text(
                operator,
                fold(value),
                [fold(one) for one in (wanted if isinstance(wanted, list) else [wanted])],
            )
        if kind == "number":
            return _ordered(operator, value, wanted)
        if kind == "flag":
            return bool(value is (operator == "is true"))
        if kind == "age":
            return _ordered(operator, self.now - value, timedelta(days=wanted))
        if kind == "date":
            return self._date(operator, value, wanted)
        return self._time(operator, value, wanted)

    def _date(self, operator: str, value: date, wanted: Any) -> bool:
        if operator in ("older than", "newer than"):
            days = (self.now.astimezone(self.zone).date() - value).days
            return days > wanted if operator == "older than" else days < wanted
        return {"on": value == date.fromisoformat(wanted)}.get(
            operator,
            value < date.fromisoformat(wanted) if operator == "before" else value > date.fromisoformat(wanted),
        )

    def _time(self, operator: str, value: datetime, wanted: Any) -> bool:
        if operator == "older than":
            return self.now - value > timedelta(days=wanted)
        if operator == "newer than":
            return self.now - value < timedelta(days=wanted)
        if len(wanted) > 10:
            at = datetime.fromisoformat(wanted)
            return value < at if operator == "before" else value > at
        day, there = date.fromisoformat(wanted), value.astimezone(self.zone).date()
        return {"on": there == day, "before": there < day, "after": there > day}[operator]


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _text(operator: str, text: str, wanted: list[str]) -> bool:
    match operator:
        case "equals" | "in":
            return text in wanted
        case "contains" | "contains any of":
            return any(one in text for one in wanted)
        case "starts with":
            return text.startswith(wanted[0])
        case "ends with":
            return text.endswith(wanted[0])
    raise AssertionError(operator)


def _ordered(operator: str, value: Any, wanted: Any) -> bool:
    match operator:
        case "equals":
            return bool(value == wanted)
        case "in":
            return value in wanted
        case "greater than":
            return bool(value > wanted)
        case "at least":
            return bool(value >= wanted)
        case "less than":
            return bool(value < wanted)
        case "at most":
            return bool(value <= wanted)
    raise AssertionError(operator)


def _read(kind: Any, value: Any) -> Any:
    """Only the form with dashes: values are written so, and Python knows more forms than PostgreSQL does."""
    try:
        return kind.fromisoformat(value) if value[4] == "-" else None
    except (TypeError, ValueError, IndexError, KeyError):
        return None

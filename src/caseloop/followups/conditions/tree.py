"""What does the JSON of a condition say? Reading, checking and writing it back; no database.

    {"all": [{"field": "title", "operator": "contains", "value": "Contoso Coffee"},
             {"any": [{"field": "age_days", "operator": "greater than", "value": 7},
                      {"not": {"field": "priority", "operator": "equals", "value": "low"}}]}]}

`{}` means every case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeAlias

from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.fields import Catalogue, Field
from caseloop.followups.conditions.operators import OPERATORS, Operator
from caseloop.followups.conditions.values import Value, checked

DEEPEST = 5
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
MOST_COMPARISONS = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """A leaf: false when the value is missing, whatever the operator, but for *is empty*."""

    field: Field
    operator: Operator
    value: Value = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is; without parts, of every case."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not
EVERY_CASE = AllOf()


def parse(data: object, fields: Catalogue) -> Condition:
    """The condition that this JSON means; raises `BadCondition` with one sentence that names the place.

    Groups nest at most five deep, with at most 100 comparisons in all.
    """
    if data == {} and isinstance(data, dict):
        return EVERY_CASE
    reader = _Reader(fields)
    return reader.read(data, (), 0)


def to_json(condition: Condition) -> dict[str, Any]:
    """The JSON that `parse` reads back as the same condition: what is stored and exported."""
    match condition:
        case AllOf(()):
            return {}
        case AllOf(parts):
            return {"all": [to_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Comparison(field, operator, value):
            found: dict[str, Any] = {"field": field.name, "operator": operator.value}
            return found if value is None else {**found, "value": _plain(value)}


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every leaf, in the order of writing."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)
        case Comparison():
            yield condition


class _Reader:
    def __init__(self, fields: Catalogue) -> None:
        self.fields = fields
        self.count = 0

    def read(self, data: object, place: tuple[str, ...], depth: int) -> Condition:
        if not isinstance(data, dict):
            raise _bad(place, "a condition is a group or a comparison: {“field”: …, “operator”: …, “value”: …}.")
        groups = [key for key in ("all", "any", "not") if key in data]
        if not groups:
            return self._comparison(data, place)
        if len(data) > 1:
            raise _bad(
                place,
                f"“{groups[0]}” stands alone in its group, but there is also {_names(data, groups[0])}.",
            )
        if depth == DEEPEST:
            raise _bad(place, f"groups nest at most {DEEPEST} deep.")
        kind, within = groups[0], data[groups[0]]
        if kind == "not":
            return Not(self.read(within, (*place, "not"), depth + 1))
        parts = self._parts(kind, within, (*place, kind), depth + 1)
        return AllOf(parts) if kind == "all" else AnyOf(parts)

    def _parts(self, kind: str, within: object, place: tuple[str, ...], depth: int) -> tuple[Condition, ...]:
        if not isinstance(within, list | tuple):
            raise _bad(place, f"“{kind}” takes a list of conditions.")
        if not within:
            raise _bad(place, "the group is empty. Leave the whole condition blank to mean every case.")
        if len(within) > MOST_COMPARISONS:
            raise _bad(place, f"there are more than {MOST_COMPARISONS} conditions.")
        return tuple(
            self.read(part, (*place, f"{_ordinal(number)} condition"), depth)
            for number, part in enumerate(within, start=1)
        )

    def _comparison(self, data: dict[Any, Any], place: tuple[str, ...]) -> Comparison:
        self.count += 1
        if self.count > MOST_COMPARISONS:
            raise _bad(place, f"there are more than {MOST_COMPARISONS} comparisons.")
        extra = [key for key in data if key not in ("field", "operator", "value")]
        if extra:
            raise _bad(place, f"a comparison has a field, an operator and a value, but no {_names(extra)}.")
        try:
            field = self._field(data)
            operator = self._operator(data, field)
            return Comparison(field, operator, checked(field, operator, data.get("value")))
        except BadCondition as error:
            raise _bad(place, str(error)) from error

    def _field(self, data: dict[Any, Any]) -> Field:
        name = data.get("field")
        if not isinstance(name, str):
            raise BadCondition("say which “field” is compared.")
        return self.fields[name]

    def _operator(self, data: dict[Any, Any], field: Field) -> Operator:
        name = data.get("operator")
        if name is True:  # YAML 1.1 reads a bare `on` as true
            name = "on"
        known = OPERATORS[field.type]
        if isinstance(name, str) and name in known:
            return Operator(name)
        if not isinstance(name, str):
            raise BadCondition(f"say by which “operator” “{field.name}” is compared: {', '.join(known)}.")
        near = get_close_matches(name[:100], known, n=1)
        hint = f"did you mean “{near[0]}”? It knows" if near else "it knows"
        raise BadCondition(f"“{field.name}” has no operator “{name[:100]}”; {hint} {', '.join(known)}.")


def _bad(place: tuple[str, ...], what: str) -> BadCondition:
    return BadCondition(f"{' → '.join(place)}: {what}" if place else what[:1].upper() + what[1:])


def _names(keys: Any, but: str = "") -> str:
    return ", ".join(f"“{str(key)[:40]}”" for key in list(keys)[:5] if key != but)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{_ENDINGS.get(number % 10, 'th')}"


def _plain(value: Value) -> Any:
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value

"""Reading stored conditions with the custom fields that this installation has."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from caseloop.cases.models import CustomField
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.fields import Catalogue, Field, Type, catalogue
from caseloop.followups.conditions.tree import Condition
from caseloop.followups.conditions.tree import parse as parse_with


class HasConditions(Protocol):
    """A rule, as far as it matters here."""

    @property
    def pk(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def conditions(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A rule or protection with its condition read; SQL made of equal ones can be kept."""

    id: int
    condition: Condition


def parse(data: object) -> Condition:
    """The condition that this JSON means here; raises `BadCondition`."""
    return parse_with(data, known_fields())


def known_fields() -> Catalogue:
    """Every field that a condition may ask for at this moment; one query."""
    rows = CustomField.objects.order_by("label", "pk").values_list("key", "label", "type", "choices")
    return catalogue((key, label, Type(type_), tuple(choices)) for key, label, type_, choices in rows)


def stored(rules: Iterable[HasConditions]) -> tuple[Stored, ...]:
    """These rules with their conditions; raises `BadCondition` naming the first that cannot be read."""
    read = each_stored(rules)
    for found in read:
        if isinstance(found, BadCondition):
            raise found
    return tuple(found for found in read if isinstance(found, Stored))


def each_stored(rules: Iterable[HasConditions]) -> list[Stored | BadCondition]:
    """These rules, each with its condition or with what is wrong about it.

    Custom fields are looked up only when a rule asks for one, and only what changed is read again.
    """
    texts = [(rule, json.dumps(rule.conditions)) for rule in rules]
    own = known_fields().own if any("custom." in text for _, text in texts) else ()
    return [_stored(rule, text, own if "custom." in text else ()) for rule, text in texts]


def _stored(rule: HasConditions, text: str, own: tuple[Field, ...]) -> Stored | BadCondition:
    try:
        return Stored(rule.pk, _condition(text, own))
    except BadCondition as error:
        return BadCondition(f"The condition of “{rule.name}” cannot be read. {error}")


@lru_cache(maxsize=1_000)
def _condition(text: str, own: tuple[Field, ...]) -> Condition:
    return parse_with(json.loads(text), Catalogue(own))

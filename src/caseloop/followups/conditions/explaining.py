"""Why does a rule not take this case? The first part of its condition that isn't true, in words (spec 6.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Expression, F

from caseloop.cases.models import Case
from caseloop.followups.conditions.columns import value_of
from caseloop.followups.conditions.compile import Compiler
from caseloop.followups.conditions.fields import Field, Source, Type
from caseloop.followups.conditions.reading import HasConditions, each_stored
from caseloop.followups.conditions.sentence import compared, sentence
from caseloop.followups.conditions.sql import Run, Sql, known
from caseloop.followups.conditions.tree import AllOf, AnyOf, Comparison, Condition, Not, comparisons
from caseloop.followups.errors import FollowUpError

Answers = Mapping[Comparison, bool]


def first_failures(case_id: int, rules: Sequence[HasConditions], now: datetime, zone: str = "UTC") -> dict[int, str]:
    """For each rule whose condition this case doesn't meet, by rule id: what fails first, as a phrase.

    “age is 5.1 days, must be greater than 7 days”; of a rule that cannot be read, what is wrong about it. At
    most two queries and one for the custom fields. The status of the case is not asked for.
    """
    found: dict[int, str] = {}
    failed: dict[int, Condition] = {}
    read = dict(zip((rule.pk for rule in rules), each_stored(rules), strict=True))
    wanted = [one.condition for one in read.values() if not isinstance(one, FollowUpError)]
    answers = _answers(case_id, wanted, Compiler(zone, known(Run(now=now))))
    for rule_id, one in read.items():
        if isinstance(one, FollowUpError):
            found[rule_id] = str(one)
        elif not _holds(one.condition, answers):
            failed[rule_id] = _first_failure(one.condition, answers)
    actual = _actual(case_id, [part.field for part in failed.values() if isinstance(part, Comparison)], now)
    return found | {rule_id: _phrase(part, actual) for rule_id, part in failed.items()}


def _answers(case_id: int, wanted: list[Condition], compiler: Compiler) -> Answers:
    leaves = list(dict.fromkeys(leaf for condition in wanted for leaf in comparisons(condition)))
    if not leaves:
        return {}
    together = Sql(
        f"ARRAY[{', '.join(['{}'] * len(leaves))}]",
        *(compiler.comparison(leaf) for leaf in leaves),
        output_field=ArrayField(BooleanField()),
    )
    said = Case.objects.filter(pk=case_id).values_list(together, flat=True).get()
    return dict(zip(leaves, said, strict=True))


def _holds(condition: Condition, answers: Answers) -> bool:
    match condition:
        case AllOf(parts):
            return all(_holds(part, answers) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, answers) for part in parts)
        case Not(part):
            return not _holds(part, answers)
        case Comparison():
            return answers[condition]


def _first_failure(condition: Condition, answers: Answers) -> Condition:
    match condition:
        case AllOf(parts):
            return next(_first_failure(part, answers) for part in parts if not _holds(part, answers))
        case AnyOf((part,)):
            return _first_failure(part, answers)
        case _:
            return condition


def _actual(case_id: int, fields: list[Field], now: datetime) -> Mapping[Field, str]:
    shown = [field for field in dict.fromkeys(fields) if field.source not in (Source.MAILS, Source.ADDRESSES)]
    if not shown:
        return {}
    row = Case.objects.filter(pk=case_id).values_list(*(_one(field) for field in shown)).get()
    return {field: _words(field, value, now) for field, value in zip(shown, row, strict=True)}


def _one(field: Field) -> Expression | F:
    return F(f"{field.path}__name") if field.source is Source.NAME_OF else value_of(field)


def _words(field: Field, value: Any, now: datetime) -> str:
    match value:
        case None | "" | []:
            return "is empty"
        case bool():
            return f"is {'true' if value else 'false'}"
        case datetime() if field.type is Type.AGE:
            days = (now - value).total_seconds() / 86_400
            return f"is {days:.1f} days"
        case datetime():
            return f"is {value.astimezone(UTC):%d %b %Y %H:%M} UTC"
        case date():
            return f"is {value:%d %b %Y}"
        case Decimal():
            return f"is {value.normalize():f}"
        case list():
            return f"is {', '.join(str(one) for one in value)}"
        case _ if field.choices:
            return f"is {field.choice_label(str(value))}"
        case _:
            text = str(value)
            return f"is “{text if len(text) <= 60 else text[:59] + '…'}”"


def _phrase(part: Condition, actual: Mapping[Field, str]) -> str:
    if not isinstance(part, Comparison):
        return f"must be true: {sentence(part)}"
    known_value = actual.get(part.field)
    must = f"must {_infinitive(compared(part))}"
    return f"{part.field.label} {known_value}, {must}" if known_value else f"{part.field.label} {must}"


def _infinitive(phrase: str) -> str:
    first, _, rest = phrase.partition(" ")
    match first:
        case "is" if rest.startswith("not "):
            return f"not be {rest.removeprefix('not ')}"
        case "is":
            return f"be {rest}"
        case "does":  # does not contain
            return rest
        case _:
            return f"{first.removesuffix('s')} {rest}"

"""When could time alone change the answer of a condition?

Only ages and *older/newer than* change with time, each at most once per case. A rule is left out for a case
that it can never match, or will always match, whatever those comparisons say; for the others the earliest
such moment is taken, so the answer may be too early, never too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import DateField, DateTimeField, DurationField, Expression, IntegerField, Value

from caseloop.cases.models import Case
from caseloop.domain.zones import start_of_day
from caseloop.followups.conditions import scope
from caseloop.followups.conditions.columns import present, value_of
from caseloop.followups.conditions.compile import Compiler
from caseloop.followups.conditions.fields import Type
from caseloop.followups.conditions.operators import Operator
from caseloop.followups.conditions.reading import HasConditions, stored
from caseloop.followups.conditions.sql import (
    Kept,
    Now,
    Run,
    Sql,
    Today,
    as_time,
    filled,
    first_day_newer,
    joined,
    last_day_older,
    negated,
)
from caseloop.followups.conditions.tree import AllOf, AnyOf, Comparison, Condition, Not, comparisons

RISING = {Operator.GREATER_THAN, Operator.AT_LEAST, Operator.OLDER_THAN}
FALLING = {Operator.LESS_THAN, Operator.AT_MOST, Operator.NEWER_THAN}
JUST_AFTER = {Operator.GREATER_THAN, Operator.OLDER_THAN, Operator.AT_MOST}
"""Those turn a moment later than the day is full."""


def could_match_at(
    case_ids: Sequence[int], rules: Sequence[HasConditions], now: datetime, zone: str = "UTC"
) -> dict[int, datetime]:
    """For each of these active cases whose answer time alone could change, the first such moment after `now`
    (UTC).

    It counts that a rule begins to match as well as that it ceases to. One statement; raises as
    `rule_of_cases`. Protections may be asked about in the same way.
    """
    timed = tuple(rule.condition for rule in stored(rules) if any(map(changes_with_time, comparisons(rule.condition))))
    ids = tuple(sorted(set(case_ids)))
    if not timed or not ids:
        return {}
    sql, params = _statement(timed, zone)
    with connection.cursor() as cursor:
        cursor.execute(sql, filled(params, Run(now=now, case_ids=ids)))
        rows = cursor.fetchall()
    found = {case_id: _earlier(at, start_of_day(day, zone) if day else None) for case_id, at, day in rows}
    return {case_id: at for case_id, at in found.items() if at is not None}


def changes_with_time(leaf: Comparison) -> bool:
    """Can the answer change while the case stays as it is?"""
    is_timed = leaf.field.type in (Type.AGE, Type.TIME, Type.DATE)
    return is_timed and leaf.operator in RISING | FALLING


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


@lru_cache(maxsize=32)
def _statement(conditions: tuple[Condition, ...], zone: str) -> tuple[str, tuple[Any, ...]]:
    compiler = Compiler(zone)
    times = [_first_of(condition, compiler, is_day=False) for condition in conditions]
    days = [_first_of(condition, compiler, is_day=True) for condition in conditions]
    cases = Case.objects.filter(scope.active(), scope.given()).order_by()
    cases = cases.annotate(at=_least(times, DateTimeField()), day=_least(days, DateField()))
    sql, params = cases.values_list("pk", "at", "day").query.sql_with_params()
    return sql, tuple(params)


def _first_of(condition: Condition, compiler: Compiler, *, is_day: bool) -> Expression | None:
    leaves = [leaf for leaf in dict.fromkeys(comparisons(condition)) if changes_with_time(leaf)]
    leaves = [leaf for leaf in leaves if (leaf.field.type is Type.DATE) is is_day]
    if not leaves:
        return None
    kind: Any = DateField() if is_day else DateTimeField()
    turns = _least([_turn(leaf, compiler.zone) for leaf in leaves], kind)
    undecided = joined(" AND ", [_bound(condition, compiler, True), negated(_bound(condition, compiler, False))])
    return Sql("(CASE WHEN {} THEN {} END)", undecided, turns, output_field=kind)


def _least(parts: list[Any], kind: Any) -> Expression:
    """The earliest of them, NULLs aside."""
    there = [part for part in parts if part is not None]
    name = "date" if isinstance(kind, DateField) and not isinstance(kind, DateTimeField) else "timestamptz"
    if not there:
        return Sql(f"NULL::{name}", output_field=kind)
    return Sql(f"LEAST({', '.join(['{}'] * len(there))})", *there, output_field=kind)


def _bound(condition: Condition, compiler: Compiler, is_best: bool) -> Expression:
    """Could it be true, now or later (best)? Will it be true for good (worst)?"""
    match condition:
        case AllOf(()):
            return Sql("TRUE")
        case AllOf(parts):
            return joined(" AND ", [_bound(part, compiler, is_best) for part in parts])
        case AnyOf(parts):
            return joined(" OR ", [_bound(part, compiler, is_best) for part in parts])
        case Not(part):
            return negated(_bound(part, compiler, not is_best))
        case Comparison(field, operator) if changes_with_time(condition):
            if operator in RISING:
                return present(field) if is_best else compiler.comparison(condition)
            return compiler.comparison(condition) if is_best else Sql("FALSE")
        case Comparison():
            return compiler.comparison(condition)


def _turn(leaf: Comparison, zone: str) -> Expression:
    """When the comparison changes, if that is still to come."""
    days = leaf.value
    assert isinstance(days, Decimal)
    value = value_of(leaf.field)
    if leaf.field.type is Type.DATE:
        number = last_day_older(days) if leaf.operator in RISING else first_day_newer(days) + 1
        after = Sql("({} + {})", value, Value(number, output_field=IntegerField()), output_field=DateField())
        return Sql("(CASE WHEN {} > {} THEN {} END)", after, Kept(Today(zone)), after, output_field=DateField())
    span = as_time(days) + (timedelta(microseconds=1) if leaf.operator in JUST_AFTER else timedelta())
    then = Sql("({} + {})", value, Value(span, output_field=DurationField()), output_field=DateTimeField())
    return Sql("(CASE WHEN {} > {} THEN {} END)", then, Kept(Now()), then, output_field=DateTimeField())

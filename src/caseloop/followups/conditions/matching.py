"""Which rule takes which case, and which cases does a condition mean? Always asked of PostgreSQL, in sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from django.db import connection
from django.db.models import BigIntegerField, QuerySet, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Cast

from caseloop.cases.models import Case
from caseloop.followups.conditions import scope
from caseloop.followups.conditions.compile import Compiler
from caseloop.followups.conditions.moments import could_match_at
from caseloop.followups.conditions.protecting import protections_of_cases
from caseloop.followups.conditions.reading import Stored, parse, stored
from caseloop.followups.conditions.sql import Run, filled, known
from caseloop.followups.conditions.tree import Condition
from caseloop.followups.models import Rule

__all__ = [
    "could_match_at",
    "matching_cases",
    "protections_of_cases",
    "rule_of_all_active",
    "rule_of_cases",
    "sql_of_all_active",
]

Kept: TypeAlias = tuple[str, tuple[Any, ...]]
ONE_SLICE = 50_000


def rule_of_cases(
    case_ids: Sequence[int], rules: Sequence[Rule], now: datetime, zone: str = "UTC"
) -> dict[int, int | None]:
    """For each case the id of the first of these rules that matches; None without one, or when it isn't
    active.

    One statement. `zone` says where days begin. Raises `BadCondition` when a rule cannot be read, and a
    `DatabaseError` when one cannot be asked: `broken.find_broken` then says which, in a new transaction.
    """
    found: dict[int, int | None] = dict.fromkeys(case_ids)
    if found and rules:
        run = Run(now=now, case_ids=tuple(sorted(found)))
        found.update(_rows(_statement(stored(rules), zone, "given"), run))
    return found


def rule_of_all_active(
    rules: Sequence[Rule], now: datetime, slice: tuple[int, int] | None = None, zone: str = "UTC"
) -> Iterator[tuple[int, int | None]]:
    """Each active case with its rule, by id; `slice` is the first id and the one after the last.

    Without a slice it goes through all cases in slices of its own, so memory stays small. Raises as
    `rule_of_cases`.
    """
    if slice is not None:
        sql, params = sql_of_all_active(rules, now, slice, zone)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT case_id, rule_id FROM ({sql}) AS ruled ORDER BY case_id", params)  # noqa: S608 - values are parameters
            yield from cursor.fetchall()
        return
    first, last = _ends()
    for from_id in range(first, last + 1, ONE_SLICE):
        yield from rule_of_all_active(rules, now, (from_id, min(from_id + ONE_SLICE, last + 1)), zone)


def sql_of_all_active(
    rules: Sequence[Rule], now: datetime, slice: tuple[int, int], zone: str = "UTC"
) -> tuple[str, list[Any]]:
    """SQL and parameters of a subquery (case_id, rule_id) over the active cases of a slice of ids.

    It is fenced by `OFFSET 0`: the conditions are asked once per case whatever is done with `rule_id`
    outside.
    """
    sql, params = _statement(stored(rules), zone, "sliced")
    return sql, filled(params, Run(now=now, from_id=slice[0], to_id=slice[1]))


def matching_cases(condition: Condition | Rule, now: datetime, zone: str = "UTC") -> QuerySet[Case]:
    """The active cases that this condition, or rule by itself, means; raises `BadCondition` for a rule."""
    tree = parse(condition.conditions) if isinstance(condition, Rule) else condition
    compiler = Compiler(zone, known(Run(now=now)))
    return Case.objects.filter(scope.active(), compiler.condition(tree))


def _rows(statement: Kept, run: Run) -> list[tuple[int, int | None]]:
    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(sql, filled(params, run))
        return list(cursor.fetchall())


def _ends() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM cases_case")
        first, last = cursor.fetchone()
        return first, last


@lru_cache(maxsize=32)
def _statement(rules: tuple[Stored, ...], zone: str, among: Literal["given", "sliced"]) -> Kept:
    """Rules that stay the same need no compiling: the moment and the ids are filled in at each run."""
    compiler = Compiler(zone)
    taken = [When(compiler.condition(rule.condition), then=Value(rule.id)) for rule in rules]
    nothing = Cast(Value(None), BigIntegerField())  # PostgreSQL takes a bare NULL for text
    rule_id = Choose(*taken, default=None, output_field=BigIntegerField()) if taken else nothing
    cases = Case.objects.filter(scope.active(), scope.SCOPES[among]()).order_by()
    sql, params = (
        cases.annotate(case_id=scope.ID, rule_id=rule_id).values_list("case_id", "rule_id").query.sql_with_params()
    )
    return f"{sql} OFFSET 0", tuple(params)

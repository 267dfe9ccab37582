"""Which protection holds for which case? (spec 2.14)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Expression, F, Value, When
from django.db.models import Case as Choose

from caseloop.cases.models import Case
from caseloop.domain.facts import ProtectionEffect
from caseloop.followups.conditions import scope
from caseloop.followups.conditions.compile import Compiler
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.reading import Stored, each_stored
from caseloop.followups.conditions.sql import Run, Sql, filled, joined
from caseloop.followups.conditions.tree import EVERY_CASE, Condition
from caseloop.followups.models import Protection


def protections_of_cases(
    case_ids: Sequence[int], protections: Sequence[Protection], now: datetime, zone: str = "UTC"
) -> dict[int, Protection]:
    """The strongest active protection of each case that has one: *never* first, then *at most confirmation*,
    by name.

    Each thing that a protection names protects by itself: its condition, contact, organization (of the case
    or of its contact), queue, case; whatever the status of the case. One whose condition cannot be read
    protects every case: doubt stops. One statement; may raise a `DatabaseError` as `rule_of_cases` may.
    """
    in_order = sorted((row for row in protections if row.is_active), key=_strength)
    ids = tuple(sorted(set(case_ids)))
    if not ids or not in_order:
        return {}
    guards = zip(in_order, each_stored(in_order), strict=True)
    sql, params = _statement(tuple(_guard(row, condition) for row, condition in guards), zone)
    by_id = {row.pk: row for row in in_order}
    with connection.cursor() as cursor:
        cursor.execute(sql, filled(params, Run(now=now, case_ids=ids)))
        return {case_id: by_id[found] for case_id, found in cursor.fetchall() if found is not None}


@dataclass(frozen=True, slots=True)
class Guard:
    """What a protection protects, ready to be compiled."""

    id: int
    targets: tuple[tuple[str, int], ...]
    condition: Condition | None


def _strength(protection: Protection) -> tuple[bool, str]:
    return protection.effect != ProtectionEffect.NEVER, protection.name


def _guard(row: Protection, condition: Stored | BadCondition) -> Guard:
    named = {
        "pk": row.case_id,
        "queue_id": row.queue_id,
        "contact_id": row.contact_id,
        "organization_id": row.organization_id,
        "contact__organization_id": row.organization_id,
    }
    targets = tuple((column, pk) for column, pk in named.items() if pk is not None)
    if row.conditions is None or (row.conditions == {} and targets):
        return Guard(row.pk, targets, None)
    return Guard(row.pk, targets, condition.condition if isinstance(condition, Stored) else EVERY_CASE)


@lru_cache(maxsize=32)
def _statement(guards: tuple[Guard, ...], zone: str) -> tuple[str, tuple[Any, ...]]:
    compiler = Compiler(zone)
    holds = [When(_holds(guard, compiler), then=Value(guard.id)) for guard in guards]
    protection_id = Choose(*holds, default=None, output_field=BigIntegerField())
    cases = Case.objects.filter(scope.given()).order_by().annotate(protection_id=protection_id)
    sql, params = cases.values_list("pk", "protection_id").query.sql_with_params()
    return sql, tuple(params)


def _holds(guard: Guard, compiler: Compiler) -> Expression:
    parts: list[Expression] = [
        Sql("COALESCE({} = {}, false)", F(column), Value(pk, output_field=BigIntegerField()))
        for column, pk in guard.targets
    ]
    if guard.condition is not None:
        parts.append(compiler.condition(guard.condition))
    return joined(" OR ", parts)

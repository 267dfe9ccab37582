"""Among which cases is a condition asked?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Expression, F, Value

from caseloop.domain.lifecycle import CaseStatus
from caseloop.followups.conditions.sql import Kept, Later, Run, Sql


@dataclass(frozen=True, slots=True)
class GivenIds(Later):
    field = ArrayField(BigIntegerField())

    def value(self, run: Run) -> list[int]:
        return list(run.case_ids)


@dataclass(frozen=True, slots=True)
class FromId(Later):
    field = BigIntegerField()

    def value(self, run: Run) -> int:
        return run.from_id


@dataclass(frozen=True, slots=True)
class ToId(Later):
    field = BigIntegerField()

    def value(self, run: Run) -> int:
        return run.to_id


def given() -> Expression:
    """The cases whose ids the run names."""
    return Sql("{} = ANY({}::bigint[])", F("pk"), Kept(GivenIds()))


def sliced() -> Expression:
    """The cases from one id up to, but without, another."""
    return Sql("({} >= {} AND {} < {})", F("pk"), Kept(FromId()), F("pk"), Kept(ToId()))


def active() -> Expression:
    return Sql("{} = {}", F("status"), Value(CaseStatus.ACTIVE.value))


ID = F("pk")
SCOPES: dict[str, Any] = {"given": given, "sliced": sliced}

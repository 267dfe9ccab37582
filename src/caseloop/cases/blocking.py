"""What keeps a case from being resolved? Asked of whole batches: one query for each kind of blocker (spec 3.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from caseloop.cases.models import Activity, Case, CustomField, StatusReason, StatusTransition
from caseloop.cases.models.activity import ActivityKind, ActivityState
from caseloop.database.lookups import Many
from caseloop.domain.lifecycle import CaseStatus


@dataclass(frozen=True, slots=True)
class Blocking:
    """What can block the cases that it was read for, as it was at that moment."""

    required: list[CustomField]
    open_children: Mapping[int, int]
    appointments: Collection[int]

    @classmethod
    def of(cls, case_ids: Collection[int], *, is_automatic: bool, now: datetime) -> Blocking:
        """Read it, in at most three queries; coming appointments hold only the agent."""
        children = Case.objects.filter(parent__any_of=Many(case_ids), status=CaseStatus.ACTIVE.value)
        return cls(
            required=list(CustomField.objects.filter(is_required_to_resolve=True)),
            open_children=dict(children.values("parent_id").annotate(n=Count("pk")).values_list("parent_id", "n")),
            appointments=_with_coming_appointment(case_ids, now) if is_automatic else (),
        )

    def of_case(self, case_id: int, custom: Mapping[str, Any]) -> list[str]:
        """What blocks this case whatever the details of its resolution, one sentence each."""
        found = [f"the field “{field.label}” is required" for field in self.required if _is_empty(custom, field.key)]
        children = self.open_children.get(case_id, 0)
        if children:
            found.append(f"{children} child case{'s are' if children > 1 else ' is'} open")
        if case_id in self.appointments:
            found.append("an appointment is coming")
        return found


def _is_empty(custom: Mapping[str, Any], key: str) -> bool:
    return custom.get(key) in (None, "")


def _with_coming_appointment(case_ids: Collection[int], now: datetime) -> set[int]:
    coming = Activity.objects.filter(
        case__any_of=Many(case_ids), kind=ActivityKind.APPOINTMENT, state=ActivityState.OPEN, due_at__gt=now
    )
    return set(coming.values_list("case_id", flat=True))


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves between status reasons that administrators allow; a reason without any may go anywhere."""

    allowed: Mapping[int, Collection[int]]
    names: Mapping[int, str]

    @classmethod
    def from_reasons(cls, origins: Collection[int]) -> Moves:
        """The allowed moves from these status reasons (ids); one query."""
        allowed: dict[int, set[int]] = defaultdict(set)
        names: dict[int, str] = {}
        rows = StatusTransition.objects.filter(origin__any_of=Many(origins))
        for origin, name, target in rows.values_list("origin_id", "origin__name", "target_id"):
            allowed[origin].add(target)
            names[origin] = name
        return cls(allowed, names)

    def refusal(self, origin_id: int, target: StatusReason) -> str:
        """Why a case may not go from one reason to the other, or an empty text."""
        targets = self.allowed.get(origin_id)
        if targets and target.pk not in targets:
            return f"From “{self.names[origin_id]}” a case may not go to “{target}”."
        return ""

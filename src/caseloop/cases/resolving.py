"""Resolving and reopening: all or nothing (spec 3.4, 7.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from caseloop.accounts.models import User
from caseloop.cases.activities import Line, record_change, record_lines
from caseloop.cases.blocking import Blocking, Moves
from caseloop.cases.changes import locked
from caseloop.cases.errors import CannotResolve, CaseError
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, Reopening, Resolution, StatusReason
from caseloop.cases.models.activity import ActivityKind, ActivityState
from caseloop.database.copying import insert
from caseloop.database.loading import new
from caseloop.database.lookups import Many
from caseloop.domain.lifecycle import CaseStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionDetails:
    """What the Case Resolution dialog asks for (spec 6.6)."""

    status_reason: StatusReason
    text: str = ""
    total_minutes: int = 0
    billable_minutes: int = 0
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a batch, by case id: its resolutions, and for each other case every blocker, one sentence each."""

    made: dict[int, Resolution] = field(default_factory=dict)
    blocked: dict[int, list[str]] = field(default_factory=dict)


@transaction.atomic
def resolve_case(case_id: int, details: ResolutionDetails, *, actor: User, now: datetime) -> Resolution:
    """Resolve one case, and mark it.

    Raises `CannotResolve` with every blocker; then nothing has changed. Raises `CaseError` when there is no such case.
    """
    done = resolve_cases({case_id: details}, actor=actor, now=now)
    if case_id in done.blocked:
        raise CannotResolve(done.blocked[case_id])
    if case_id not in done.made:
        raise CaseError("There is no such case.")
    mark([case_id], now)
    return done.made[case_id]


@transaction.atomic
def resolve_cases(wanted: Mapping[int, ResolutionDetails], *, actor: User, now: datetime) -> Resolved:
    """For each case: cancel open activities, write the resolution, set the status; or, where it is blocked, nothing.

    One transaction and a fixed number of statements, however many cases there are; the cases are locked in id order.
    The caller marks them, or has just looked at them. A case that does not exist is in neither answer.
    """
    rows = Case.objects.select_for_update(no_key=True).filter(pk__any_of=Many(wanted)).order_by("pk")
    cases = [_Standing(*row) for row in rows.values_list("pk", "status", "status_reason_id", "custom")]
    blocked = _blocked(cases, wanted, actor, now)
    free = [case for case in cases if case.pk not in blocked]
    made = _resolve(free, wanted, actor, now) if free else {}
    return Resolved(made, blocked)


class _Standing(NamedTuple):
    """Where a case stands before it is resolved."""

    pk: int
    status: str
    status_reason_id: int
    custom: dict[str, Any]


def _blocked(
    cases: Collection[_Standing], wanted: Mapping[int, ResolutionDetails], actor: User, now: datetime
) -> dict[int, list[str]]:
    blocking = Blocking.of([case.pk for case in cases], is_automatic=actor.is_application_user, now=now)
    moves = Moves.from_reasons({case.status_reason_id for case in cases})
    found = {}
    for case in cases:
        lines = _wrong_end(case, wanted[case.pk].status_reason, moves) + blocking.of_case(case.pk, case.custom)
        if lines:
            found[case.pk] = lines
    return found


def _wrong_end(case: _Standing, reason: StatusReason, moves: Moves) -> list[str]:
    found = []
    if case.status != CaseStatus.ACTIVE:
        found.append(f"it is {case.status} already")
    if reason.status != CaseStatus.RESOLVED:
        found.append(f"“{reason}” is no reason of a resolved case")
    elif refusal := moves.refusal(case.status_reason_id, reason):
        found.append(refusal.rstrip("."))
    return found


def _resolve(
    cases: Collection[_Standing], wanted: Mapping[int, ResolutionDetails], actor: User, now: datetime
) -> dict[int, Resolution]:
    made = {case.pk: _resolution(case, wanted[case.pk], actor, now) for case in cases}
    insert(list(made.values()))
    _cancel_open_work(made)
    by_reason: dict[int, list[int]] = defaultdict(list)
    for case_id, resolution in made.items():
        by_reason[resolution.status_reason_id].append(case_id)
    for reason_id, case_ids in by_reason.items():
        Case.objects.filter(pk__any_of=Many(case_ids)).update(
            status=CaseStatus.RESOLVED.value,
            status_reason=reason_id,
            next_move="none",
            hold_until=None,
            hold_reason="",
            version=F("version") + 1,
            updated_at=now,
        )
    lines = [Line(pk, f"Resolved: {wanted[pk].status_reason}", each.text) for pk, each in made.items()]
    record_lines(lines, ActivityKind.CHANGE, actor=actor, now=now)
    return made


def _resolution(case: _Standing, details: ResolutionDetails, actor: User, now: datetime) -> Resolution:
    return new(
        Resolution,
        case_id=case.pk,
        status_reason_id=details.status_reason.pk,
        text=details.text,
        total_minutes=details.total_minutes,
        billable_minutes=details.billable_minutes,
        remarks=details.remarks,
        resolved_at=now,
        resolved_by_id=actor.pk,
        is_automatic=actor.is_application_user,
        former_status_reason_id=case.status_reason_id,
    )


def _cancel_open_work(made: Mapping[int, Resolution]) -> None:
    """What is open now is cancelled, and kept with the resolution; work that somebody has just finished stays so."""
    sql = "UPDATE cases_activity SET state = %s WHERE case_id = ANY(%s) AND state = %s RETURNING case_id, id"
    with connection.cursor() as cursor:
        cursor.execute(sql, [ActivityState.CANCELLED.value, list(made), ActivityState.OPEN.value])
        cancelled = sorted(cursor.fetchall())
    kept = Resolution.cancelled_activities.through
    insert([kept(resolution_id=made[case_id].pk, activity_id=pk) for case_id, pk in cancelled])


@transaction.atomic
def reopen_case(case_id: int, reason: str, *, actor: User, now: datetime) -> Case:
    """Active again, *In Progress*, with its owner, or its team when the owner is away; a merged case never reopens."""
    case = locked(case_id)
    if case.status == CaseStatus.ACTIVE:
        return case
    if case.merged_into_id is not None:
        raise CaseError("A merged case never reopens; its mail goes to the case it went into.")
    latest = Resolution.objects.filter(case=case, reopening__isnull=True).order_by("-resolved_at").first()
    if latest is not None:
        Reopening.objects.create(resolution=latest, reopened_at=now, reopened_by=actor, reason=reason[:300])
    owner = case.owner
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.ACTIVE.value,
        status_reason=StatusReason.objects.get(key="in_progress"),
        owner=None if owner is not None and owner.is_away(now) else owner,
        next_move="us",
        version=F("version") + 1,
        updated_at=now,
    )
    record_change(case, "Reopened", actor=actor, now=now, body=reason)
    mark([case.pk], now)
    case.refresh_from_db()
    return case

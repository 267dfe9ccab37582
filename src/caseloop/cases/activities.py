"""Writing lines of a case's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from caseloop.accounts.models import User
from caseloop.cases.models import Activity, Case
from caseloop.cases.models.activity import ActivityKind, ActivityState, Direction
from caseloop.database.copying import insert
from caseloop.database.loading import new


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the timeline says, and of which case."""

    case_id: int
    subject: str
    body: str = ""


def record(
    case: Case,
    kind: ActivityKind,
    subject: str,
    *,
    actor: User | None,
    now: datetime,
    body: str = "",
    direction: Direction = Direction.INTERNAL,
    state: ActivityState = ActivityState.COMPLETED,
    due_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Activity:
    """One line of the timeline; marked automatic when the application user is the actor."""
    activity = _activity(Line(case.pk, subject, body), kind, actor, now)
    activity.direction, activity.state = direction, state
    activity.due_at, activity.ends_at = due_at, ends_at
    activity.save(force_insert=True)
    return activity


def record_change(case: Case, subject: str, *, actor: User | None, now: datetime, body: str = "") -> Activity:
    """A line that says what somebody changed."""
    return record(case, ActivityKind.CHANGE, subject, actor=actor, now=now, body=body)


def record_lines(lines: Iterable[Line], kind: ActivityKind, *, actor: User | None, now: datetime) -> None:
    """Lines of one kind in many timelines, in one statement."""
    insert([_activity(line, kind, actor, now) for line in lines])


def _activity(line: Line, kind: ActivityKind, actor: User | None, now: datetime) -> Activity:
    return new(
        Activity,
        case_id=line.case_id,
        kind=kind.value,
        subject=line.subject[:998],
        body=line.body,
        actor_id=actor.pk if actor else None,
        is_automatic=bool(actor and actor.is_application_user),
        occurred_at=now,
    )

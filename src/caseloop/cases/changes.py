"""The only writers of cases. Each verb is one transaction: the change, its line in the timeline, and the mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from caseloop.accounts.models import User
from caseloop.cases.activities import record, record_change
from caseloop.cases.blocking import Moves
from caseloop.cases.custom_fields import checked
from caseloop.cases.errors import CaseChangedMeanwhile, CaseError
from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case, Contact, Queue, StatusReason
from caseloop.cases.models.activity import ANSWER_KINDS, ActivityKind, ActivityState, Direction
from caseloop.cases.numbers import next_number
from caseloop.domain.lifecycle import CaseStatus

EDITABLE = ("title", "description", "priority", "subject", "line_of_business")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What a new case starts with; without a status reason it is *In Progress*."""

    title: str
    queue: Queue
    contact: Contact | None = None
    owner: User | None = None
    description: str = ""
    origin: str = "email"
    priority: str = "normal"
    subject: str = ""
    custom: Mapping[str, Any] | None = None
    follows: Case | None = None
    created_at: datetime | None = None


@transaction.atomic
def create_case(new: NewCase, *, actor: User | None, now: datetime) -> Case:
    """A new active case with its number; raises `CaseError` when it has no title."""
    if not new.title.strip():
        raise CaseError("A case needs a title.")
    case = Case.objects.create(
        number=next_number(),
        title=new.title.strip()[:300],
        queue=new.queue,
        contact=new.contact,
        organization=new.contact.organization if new.contact else None,
        owner=new.owner,
        description=new.description,
        origin=new.origin,
        priority=new.priority,
        subject=new.subject,
        line_of_business=new.queue.line_of_business,
        custom=checked(new.custom or {}),
        follows=new.follows,
        status_reason=StatusReason.objects.get(key="in_progress"),
        created_at=new.created_at or now,
    )
    record_change(case, "Case opened", actor=actor, now=now)
    mark([case.pk], now)
    return case


@transaction.atomic
def edit_case(case_id: int, fields: Mapping[str, Any], *, actor: User, now: datetime, version: int) -> Case:
    """Change plain and custom fields; raises `CaseChangedMeanwhile` when `version` is not the present one."""
    case = locked(case_id)
    if case.version != version:
        raise CaseChangedMeanwhile("Somebody changed this case after you opened it. Load it again to see the change.")
    plain = {name: value for name, value in fields.items() if name in EDITABLE}
    if "title" in plain and not str(plain["title"]).strip():
        raise CaseError("A case needs a title.")
    custom = {**case.custom, **checked(fields.get("custom", {}))}
    changed = [name for name, value in plain.items() if getattr(case, name) != value]
    changed += [name for name in custom if case.custom.get(name) != custom[name]]
    if changed:
        _save(case, **plain, custom=custom)
        record_change(case, f"Changed {', '.join(changed)}", actor=actor, now=now)
        mark([case.pk], now)
    return case


@transaction.atomic
def set_status_reason(case_id: int, reason: StatusReason, *, actor: User, now: datetime) -> Case:
    """Another reason of the same status; resolving and cancelling have verbs of their own (spec 7.1)."""
    case = locked(case_id)
    if reason.status != case.status:
        raise CaseError(f"“{reason}” belongs to status {reason.status}. Resolve, cancel or reopen the case instead.")
    if reason.pk == case.status_reason_id:
        return case
    check_transition(case, reason)
    former = case.status_reason
    _save(case, status_reason=reason)
    record_change(case, f"Status reason: {former} → {reason}", actor=actor, now=now)
    mark([case.pk], now)
    return case


@transaction.atomic
def assign(case_id: int, owner: User | None, *, actor: User | None, now: datetime) -> Case:
    """Another owner, or none: then the queue's team has it."""
    case = locked(case_id)
    if case.owner_id != (owner.pk if owner else None):
        _save(case, owner=owner)
        record_change(case, f"Assigned to {owner or 'the team'}", actor=actor, now=now)
        mark([case.pk], now)
    return case


@transaction.atomic
def move_to_queue(case_id: int, queue: Queue, *, actor: User, now: datetime) -> Case:
    """Another queue, with its teams and mailboxes."""
    case = locked(case_id)
    if case.queue_id != queue.pk:
        former = case.queue
        _save(case, queue=queue)
        record_change(case, f"Queue: {former} → {queue}", actor=actor, now=now)
        mark([case.pk], now)
    return case


@transaction.atomic
def set_contact(case_id: int, contact: Contact | None, *, actor: User | None, now: datetime) -> Case:
    """Whose case it is; the organization follows the contact."""
    case = locked(case_id)
    _save(case, contact=contact, organization=contact.organization if contact else None)
    record_change(case, f"Contact: {contact or 'none'}", actor=actor, now=now)
    mark([case.pk], now)
    return case


@transaction.atomic
def hold(case_id: int, until: datetime | None, reason: str, *, actor: User, now: datetime) -> Case:
    """No automatic step before `until`; None lifts the hold (spec 3.13)."""
    if until is not None and until <= now:
        raise CaseError("A hold must end in the future.")
    case = locked(case_id)
    _save(case, hold_until=until, hold_reason=reason[:300] if until else "")
    said = f"Held until {until:%a %d %b %Y %H:%M} UTC" if until else "Hold lifted"
    record_change(case, said, actor=actor, now=now, body=reason)
    mark([case.pk], now)
    return case


@transaction.atomic
def set_no_automation(case_id: int, is_set: bool, *, actor: User, now: datetime) -> Case:
    """Whether anything at all is drafted, sent or resolved by the assistant on this case (spec 3.13)."""
    case = locked(case_id)
    if case.no_automation != is_set:
        _save(case, no_automation=is_set)
        record_change(case, "No automation" if is_set else "Automation allowed again", actor=actor, now=now)
        mark([case.pk], now)
    return case


@transaction.atomic
def add_note(case_id: int, text: str, *, actor: User, now: datetime) -> Activity:
    """An internal note; it neither extends nor shortens a series (spec 3.2)."""
    if not text.strip():
        raise CaseError("A note needs some text.")
    return record(locked(case_id), ActivityKind.NOTE, "Note", actor=actor, now=now, body=text)


@transaction.atomic
def log_contact(
    case_id: int,
    kind: ActivityKind,
    direction: Direction,
    text: str,
    *,
    actor: User,
    now: datetime,
    occurred_at: datetime | None = None,
) -> Activity:
    """A call, chat, visit or portal entry. From the customer it is an answer; a call of ours starts the wait anew."""
    if kind not in ANSWER_KINDS or direction is Direction.INTERNAL:
        raise CaseError("Log a phone call, chat, visit or portal entry, from the customer or to the customer.")
    at = occurred_at or now
    if at > now:
        raise CaseError("What is logged must have happened already.")
    case = locked(case_id)
    activity = record(case, kind, kind.label, actor=actor, now=at, body=text, direction=direction)
    if direction is Direction.IN:
        Case.objects.filter(pk=case.pk).update(next_move="us", updated_at=now)
    mark([case.pk], now)
    return activity


@transaction.atomic
def add_work(
    case_id: int,
    kind: ActivityKind,
    subject: str,
    *,
    actor: User,
    now: datetime,
    due_at: datetime | None,
    ends_at: datetime | None = None,
) -> Activity:
    """An open task or a coming appointment; a due date ahead holds the series (spec 3.2)."""
    if kind not in (ActivityKind.TASK, ActivityKind.APPOINTMENT):
        raise CaseError("Only tasks and appointments can be planned.")
    if kind is ActivityKind.APPOINTMENT and due_at is None:
        raise CaseError("An appointment needs a time.")
    if not subject.strip():
        raise CaseError("Say in a few words what has to be done.")
    case = locked(case_id)
    activity = record(
        case, kind, subject, actor=actor, now=now, state=ActivityState.OPEN, due_at=due_at, ends_at=ends_at
    )
    mark([case.pk], now)
    return activity


@transaction.atomic
def finish_work(activity_id: int, state: ActivityState, *, actor: User, now: datetime) -> Activity:
    """Open work is completed or cancelled."""
    activity = Activity.objects.select_for_update().get(pk=activity_id)
    if activity.state != ActivityState.OPEN:
        raise CaseError(f"This {activity.get_kind_display().lower()} is {activity.state} already.")
    activity.state = state
    activity.save(update_fields=["state"])
    mark([activity.case_id], now)
    return activity


@transaction.atomic
def cancel_case(case_id: int, reason: StatusReason, *, actor: User, now: datetime) -> Case:
    """The case ends without a resolution."""
    case = locked(case_id)
    if case.status != CaseStatus.ACTIVE or reason.status != CaseStatus.CANCELLED:
        raise CaseError("Only an active case can be cancelled, with a reason that belongs to *cancelled*.")
    check_transition(case, reason)
    _save(case, status=CaseStatus.CANCELLED.value, status_reason=reason)
    record_change(case, f"Cancelled: {reason}", actor=actor, now=now)
    mark([case.pk], now)
    return case


def locked(case_id: int) -> Case:
    """The case, locked until the end of the transaction; raises `CaseError` when there is none."""
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("status_reason", "queue").filter(pk=case_id).first()
    )
    if case is None:
        raise CaseError("There is no such case.")
    return case


def check_transition(case: Case, target: StatusReason) -> None:
    """Raises `CaseError` when administrators limited the moves from the present reason and this is none of them."""
    refusal = Moves.from_reasons([case.status_reason_id]).refusal(case.status_reason_id, target)
    if refusal:
        raise CaseError(refusal)


def _save(case: Case, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(case, name, value)
    case.version = F("version") + 1
    case.save(update_fields=[*fields, "version", "updated_at"])
    case.refresh_from_db(fields=["version"])

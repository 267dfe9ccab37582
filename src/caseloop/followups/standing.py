"""What stands above all rules (protections), and what makes series stand still (pauses)? The verbs of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from caseloop.accounts.models import User
from caseloop.cases.errors import NotAllowed
from caseloop.cases.models import Case, Contact, Organization, Queue
from caseloop.domain.facts import ProtectionEffect
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.reading import parse
from caseloop.followups.errors import FollowUpError, RuleError
from caseloop.followups.models import Pause, Protection, Rule
from caseloop.followups.waiting import mark_waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProtection:
    """What is protected: cases that a condition matches, or one contact, organization, queue or case, or several."""

    name: str
    effect: ProtectionEffect
    conditions: Mapping[str, Any] | None = None
    contact: Contact | None = None
    organization: Organization | None = None
    queue: Queue | None = None
    case: Case | None = None
    reason: str = ""
    is_active: bool = True


@transaction.atomic
def protect(new: NewProtection, *, actor: User, now: datetime) -> Protection:
    """The protection holds at once, for running series too (spec 2.14).

    Raises `RuleError`, with field `conditions` for a condition that cannot be read; then nothing has changed.
    """
    _check_role(actor, "protections")
    name = new.name.strip()
    if not name:
        raise RuleError("A protection needs a name.", "name")
    if Protection.objects.filter(name=name).exists():
        raise RuleError(f"There is a protection named “{name}” already.", "name")
    if new.conditions is not None:
        _check_conditions(new.conditions)
    if new.conditions is None and not any((new.contact, new.organization, new.queue, new.case)):
        raise RuleError("Say what is protected: a condition, a contact, an organization, a queue or a case.")
    row = Protection.objects.create(
        name=name,
        effect=new.effect.value,
        conditions=None if new.conditions is None else dict(new.conditions),
        contact=new.contact,
        organization=new.organization,
        queue=new.queue,
        case=new.case,
        reason=new.reason,
        is_active=new.is_active,
    )
    mark_waiting(now)
    return row


@transaction.atomic
def unprotect(protection_id: int, *, actor: User, now: datetime) -> None:
    """The protection is gone; its history stays."""
    _check_role(actor, "protections")
    deleted, _ = Protection.objects.filter(pk=protection_id).delete()
    if not deleted:
        raise FollowUpError("There is no such protection.")
    mark_waiting(now)


@transaction.atomic
def pause(
    *,
    actor: User,
    now: datetime,
    until: datetime | None = None,
    queue: Queue | None = None,
    rule: Rule | None = None,
    organization: Organization | None = None,
    reason: str = "",
) -> Pause:
    """Series stand still from now until then, or until somebody ends it; that time is no waiting (spec 1.4)."""
    _check_role(actor, "pauses")
    if until is not None and until <= now:
        raise FollowUpError("A pause must end in the future.")
    row = Pause.objects.create(
        since=now, until=until, queue=queue, rule=rule, organization=organization, reason=reason, made_by=actor
    )
    mark_waiting(now)
    return row


@transaction.atomic
def end_pause(pause_id: int, *, actor: User, now: datetime) -> Pause:
    """Series go on; the time of the pause stays one that doesn't count."""
    _check_role(actor, "pauses")
    row = Pause.objects.select_for_update(of=("self",)).filter(pk=pause_id).first()
    if row is None:
        raise FollowUpError("There is no such pause.")
    if row.until is not None and row.until <= now:
        raise FollowUpError("This pause is over already.")
    if row.since >= now:
        Pause.objects.filter(pk=row.pk).delete()
        row.until = row.since
    else:
        row.until = now
        row.save(update_fields=["until"])
    mark_waiting(now)
    return row


def _check_conditions(conditions: Mapping[str, Any]) -> None:
    try:
        parse(conditions)
    except BadCondition as error:
        raise RuleError(f"Conditions: {error}", "conditions") from error


def _check_role(actor: User, what: str) -> None:
    if not actor.may_configure:
        raise NotAllowed(f"Only managers and administrators change {what}. Ask one of them.")

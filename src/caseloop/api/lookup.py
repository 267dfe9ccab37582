"""Which row does an address or a body mean, and may this reader see it? What they may not see is not there."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet

from caseloop.accounts.access import WorkspaceRequest
from caseloop.accounts.models import Role, User
from caseloop.api.refusals import existing, referenced
from caseloop.cases.models import Case, Queue, StatusReason
from caseloop.cases.visibility import visible_cases, visible_queues
from caseloop.mail.models import Message

WITH_ALL = ("status_reason", "contact", "organization", "owner", "queue", "parent", "merged_into", "follows")


def case_of(request: WorkspaceRequest, number: str) -> Case:
    """The case with this number, with its contact; 404 for one that the reader may not see."""
    found = None
    if number.isascii() and number.isprintable():
        found = visible_cases(request.user).select_related(*WITH_ALL).filter(number=number.upper()).first()
    return existing(found, f"case {number[:40]}")


def message_of(request: WorkspaceRequest, message_id: int) -> Message:
    """The mail of a case that is visible to the reader."""
    rows = _messages().filter(case__in=visible_cases(request.user))
    return existing(rows.filter(pk=message_id).first(), f"message {message_id}")


def message_in_reach(request: WorkspaceRequest, message_id: int) -> tuple[Message, bool]:
    """The mail, when its case, or one that it may concern, is visible; and whether its own case is."""
    seen: Any = visible_cases(request.user)
    in_doubt = Message.objects.filter(doubts__case__in=seen).values("pk")
    rows = _messages().filter(Q(case__in=seen) | Q(pk__in=in_doubt)).filter(pk=message_id)
    message = existing(rows.first(), f"message {message_id}")
    return message, seen.filter(pk=message.case_id or 0).exists()


def _messages() -> QuerySet[Message]:
    return Message.objects.select_related("case__contact", "author", "reading__corrected_by", "sets_status_reason")


def reason_for(reason_id: int, field: str = "status_reason_id") -> StatusReason:
    """The available status reason with this id."""
    row = StatusReason.objects.filter(pk=reason_id, is_available=True).first()
    return referenced(row, f"status reason {reason_id}", field)


def queue_for(request: WorkspaceRequest, queue_id: int) -> Queue:
    """One of the reader's queues."""
    return referenced(visible_queues(request.user).filter(pk=queue_id).first(), f"queue {queue_id}", "queue_id")


def people() -> QuerySet[User]:
    """Those who can own a case."""
    return User.objects.filter(is_active=True, is_application_user=False).exclude(role=Role.AUDITOR)


def owner_for(owner_id: int | None) -> User | None:
    """Somebody who works on cases, or nobody."""
    if owner_id is None:
        return None
    return referenced(people().filter(pk=owner_id).first(), f"person {owner_id} who works on cases", "owner_id")


def named_row(model: type[Model], row_id: int | None, field: str) -> Any:
    """The row that a field like `queue_id` names, or None where it names none."""
    if row_id is None:
        return None
    found = model._default_manager.filter(pk=row_id).first()
    return referenced(found, f"{model._meta.verbose_name} {row_id}", field)

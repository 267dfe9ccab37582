"""The timeline of a case, what people add to it, and open work that is finished."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from ninja import Query
from pydantic import BaseModel, Field, model_validator

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.lookup import case_of
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Input, Moment, Named, Words, named
from caseloop.cases import changes
from caseloop.cases.models import Activity
from caseloop.cases.models.activity import ActivityKind, ActivityState, Direction
from caseloop.cases.visibility import visible_cases

routes = Routes("Timeline")
Kind = Literal["email", "note", "task", "phone_call", "appointment", "chat", "visit", "portal", "change", "series"]


class ActivitySaid(BaseModel):
    """One line of the timeline, or open work."""

    id: int = Field(description="Its id.")
    kind: str = Field(description="email, note, task, phone_call, appointment, chat, visit, portal, change or series.")
    direction: str = Field(description="in: from the customer; out: to the customer; internal.")
    state: str = Field(description="open, completed or cancelled.")
    subject: str = Field(description="What happened or has to be done.")
    body: str = Field(description="The words, or empty; a mail's words are at its message.")
    actor: Named | None = Field(description="Who did it; null is the customer or the system.")
    is_automatic: bool = Field(description="Whether the assistant did it.")
    occurred_at: datetime = Field(description="When it happened (UTC).")
    due_at: datetime | None = Field(description="When a task is due or an appointment begins (UTC).")
    ends_at: datetime | None = Field(description="When an appointment ends (UTC).")
    message_id: int | None = Field(description="Id of the mail behind it.")


class TimelineFilters(Paging):
    kind: Kind | None = Field(default=None, description="Only lines of this kind.")
    q: Words = Field(default="", description="Words in the subject, the body or the mail.")
    is_automatic: bool | None = Field(default=None, description="Only what the assistant did, or only what it did not.")


class NoteInput(Input):
    text: str = Field(max_length=100_000, description="What only colleagues see.")


class ContactLogInput(Input):
    kind: Literal["phone_call", "chat", "visit", "portal"] = Field(description="How the customer and we met.")
    direction: Literal["in", "out"] = Field(description="in: from the customer, an answer; out: from us.")
    text: str = Field(default="", max_length=100_000, description="What was said.")
    occurred_at: Moment | None = Field(default=None, description="When, with offset; null is now. Never in the future.")


class WorkInput(Input):
    kind: Literal["task", "appointment"] = Field(description="A task, or an appointment, which needs `due_at`.")
    subject: str = Field(max_length=300, description="What has to be done.")
    due_at: Moment | None = Field(
        default=None, description="When it is due or begins, with offset; follow-ups wait for it."
    )
    ends_at: Moment | None = Field(default=None, description="When an appointment ends, with offset.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> WorkInput:
        if self.ends_at is not None and (self.due_at is None or self.ends_at <= self.due_at):
            raise ValueError("“ends_at” comes after “due_at”.")
        return self


@routes.get("/cases/{number}/timeline", PageOf[ActivitySaid], Scope.CASES_READ)
def get_timeline(request: WorkspaceRequest, number: str, filters: Query[TimelineFilters]) -> PageOf[ActivitySaid]:
    """List what happened on a case. The latest comes first."""
    rows = Activity.objects.filter(case=case_of(request, number)).select_related("actor", "message")
    asked = filters.model_dump(include={"kind", "is_automatic"}, exclude_none=True)
    rows = rows.filter(**asked)
    if filters.q:
        words = filters.q
        rows = rows.filter(Q(subject__icontains=words) | Q(body__icontains=words) | Q(message__text__icontains=words))
    return page_of(rows.order_by("-occurred_at", "-pk"), filters, _said)


@routes.post("/cases/{number}/notes", ActivitySaid, Scope.CASES_WRITE, status=201)
def add_note(request: WorkspaceRequest, number: str, note: NoteInput) -> ActivitySaid:
    """Write an internal note. It neither extends nor shortens a series."""
    return _said(changes.add_note(case_of(request, number).pk, note.text, **_who(request)))


@routes.post("/cases/{number}/contacts-log", ActivitySaid, Scope.CASES_WRITE, status=201)
def log_contact(request: WorkspaceRequest, number: str, contact: ContactLogInput) -> ActivitySaid:
    """Log a call, chat, visit or portal entry. From the customer it is an answer; a call of ours starts the wait
    anew."""
    made = changes.log_contact(
        case_of(request, number).pk,
        ActivityKind(contact.kind),
        Direction(contact.direction),
        contact.text,
        occurred_at=contact.occurred_at,
        **_who(request),
    )
    return _said(made)


@routes.post("/cases/{number}/work", ActivitySaid, Scope.CASES_WRITE, status=201)
def add_work(request: WorkspaceRequest, number: str, work: WorkInput) -> ActivitySaid:
    """Plan a task or an appointment. While its time lies ahead, the series waits."""
    made = changes.add_work(
        case_of(request, number).pk,
        ActivityKind(work.kind),
        work.subject,
        due_at=work.due_at,
        ends_at=work.ends_at,
        **_who(request),
    )
    return _said(made)


@routes.post("/activities/{int:activity_id}/completion", ActivitySaid, Scope.CASES_WRITE)
def complete_work(request: WorkspaceRequest, activity_id: int) -> ActivitySaid:
    """Complete an open task or appointment."""
    return _finish(request, activity_id, ActivityState.COMPLETED)


@routes.post("/activities/{int:activity_id}/dropping", ActivitySaid, Scope.CASES_WRITE)
def drop_work(request: WorkspaceRequest, activity_id: int) -> ActivitySaid:
    """Cancel an open task or appointment."""
    return _finish(request, activity_id, ActivityState.CANCELLED)


def _finish(request: WorkspaceRequest, activity_id: int, state: ActivityState) -> ActivitySaid:
    rows = Activity.objects.filter(case__in=visible_cases(request.user), pk=activity_id)
    existing(rows.first(), f"activity {activity_id}")
    return _said(changes.finish_work(activity_id, state, **_who(request)))


def _who(request: WorkspaceRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": request.now}


def _said(row: Activity) -> ActivitySaid:
    mail = getattr(row, "message", None)
    return ActivitySaid(
        id=row.pk,
        kind=row.kind,
        direction=row.direction,
        state=row.state,
        subject=row.subject,
        body=row.body,
        actor=named(row.actor),
        is_automatic=row.is_automatic,
        occurred_at=row.occurred_at,
        due_at=row.due_at,
        ends_at=row.ends_at,
        message_id=mail.pk if mail else None,
    )

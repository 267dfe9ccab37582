"""Mails in doubt: *Does this mail answer this case too?* (spec 3.14)"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.message_words import MessageSaid
from caseloop.api.message_words import said as message_said
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Input, Named, named
from caseloop.cases.visibility import visible_cases
from caseloop.followups import doubts
from caseloop.mail.models import MailDoubt
from caseloop.mail.models.doubt import DoubtAnswer

routes = Routes("Mail in doubt")


class DoubtSaid(BaseModel):
    """One question about one mail and one case; while it is open, nothing is sent or closed on the case."""

    id: int = Field(description="Its id.")
    case_number: str = Field(description="The case that stands still meanwhile.")
    case_title: str = Field(description="What that case is about.")
    reason: str = Field(description="Why the mail may concern it.")
    message: MessageSaid = Field(description="The mail.")
    asked_at: datetime = Field(description="When the question came up (UTC).")
    answer: str = Field(description="yes, no, moved; empty while it is open.")
    answered_by: Named | None = Field(description="Who answered.")
    answered_at: datetime | None = Field(description="When (UTC).")


class DoubtFilters(Paging):
    is_open: bool = Field(default=True, description="Whether open questions are listed, or answered ones.")


class AnswerInput(Input):
    answer: DoubtAnswer = Field(
        description="yes: it answers this case too; no: it doesn't concern it; moved: it belongs here, and moves."
    )


@routes.get("/doubts", PageOf[DoubtSaid], Scope.MAIL_READ)
def list_doubts(request: WorkspaceRequest, filters: Query[DoubtFilters]) -> PageOf[DoubtSaid]:
    """List the questions about mails in doubt. The oldest comes first."""
    rows = _seen(request)
    rows = rows.filter(answer="") if filters.is_open else rows.exclude(answer="")
    return page_of(rows.order_by("asked_at", "pk"), filters, _said)


@routes.post("/doubts/{int:doubt_id}/answer", DoubtSaid, Scope.MAIL_WRITE)
def answer_doubt(request: WorkspaceRequest, doubt_id: int, answer: AnswerInput) -> DoubtSaid:
    """Answer whether a mail answers a case too. That lifts the hold on the case."""
    rows = _seen(request).filter(pk=doubt_id)
    existing(rows.first(), f"question {doubt_id}")
    doubts.answer(doubt_id, answer.answer.value, actor=request.user, now=request.now)
    return _said(rows.get())


def _seen(request: WorkspaceRequest) -> QuerySet[Any]:
    seen = visible_cases(request.user)
    rows = MailDoubt.objects.filter(case__in=seen).select_related("case", "answered_by")
    rows = rows.annotate(shows_case=Exists(seen.filter(pk=OuterRef("message__case_id"))))
    return rows.select_related(
        *(f"message__{name}" for name in ("case", "author", "reading__corrected_by", "sets_status_reason"))
    )


def _said(row: Any) -> DoubtSaid:
    return DoubtSaid(
        id=row.pk,
        case_number=row.case.number,
        case_title=row.case.title,
        reason=row.reason,
        message=message_said(row.message, shows_case=row.shows_case),
        asked_at=row.asked_at,
        answer=row.answer,
        answered_by=named(row.answered_by),
        answered_at=row.answered_at,
    )

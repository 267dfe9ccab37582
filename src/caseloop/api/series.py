"""Series: which run and which are stuck, and what a person decides about the one of a case (spec 6.4, 6.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.case_words import CaseAlone, alone
from caseloop.api.lookup import case_of
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Named, Words, named
from caseloop.cases.case_views import matching
from caseloop.cases.visibility import visible_cases
from caseloop.domain.actions import SuggestionKind
from caseloop.followups import approvals
from caseloop.followups.models import Enrolment, SuggestedAction

routes = Routes("Series")
STUCK = (SuggestionKind.NEEDS_ATTENTION.value, SuggestionKind.REPLY_TO_CUSTOMER.value)
FOLLOW_UPS = (SuggestionKind.SEND_FOLLOW_UP.value, SuggestionKind.SEND_NEXT_FOLLOW_UP.value)


class SeriesSaid(BaseModel):
    """One case going through one rule's policy."""

    id: int = Field(description="Its id.")
    case_number: str = Field(description="The case.")
    case_title: str = Field(description="What the case is about.")
    owner: Named | None = Field(description="The owner of the case; null is its team.")
    rule: Named = Field(description="The rule.")
    rule_version: int = Field(description="The version of the rule that the series keeps a copy of.")
    level: str = Field(description="confirm or full, of that copy; empty when it cannot be read.")
    follow_ups: int = Field(description="How many follow-ups that copy has.")
    last_step_done: int | None = Field(description="The number of the last follow-up that the assistant sent.")
    state: str = Field(description="running or ended.")
    is_stuck: bool = Field(description="Whether a person has to reply or to attend to something first.")
    started_at: datetime = Field(description="When it began (UTC).")
    next_look_at: datetime | None = Field(description="When the case is looked at next (UTC).")
    ended_at: datetime | None = Field(description="When it ended (UTC).")
    end_reason: str = Field(description="Why, as a word for programs; or empty.")
    ended_by: Named | None = Field(description="Who ended it.")


class SeriesFilters(Paging):
    state: Literal["running", "stuck", "ended", "all"] = Field(
        default="running", description="stuck: running, but a person has to reply or to attend to something first."
    )
    rule_id: int | None = Field(default=None, description="Only of this rule.")
    q: Words = Field(default="", description="Words as in the list of cases.")


@routes.get("/series", PageOf[SeriesSaid], Scope.CASES_READ)
def list_series(request: WorkspaceRequest, filters: Query[SeriesFilters]) -> PageOf[SeriesSaid]:
    """List the series of cases that you may see. The latest begun comes first."""
    cases = matching(visible_cases(request.user), filters.q)
    rows = _rows().filter(case__in=cases)
    if filters.state != "all":
        rows = rows.filter(state="ended" if filters.state == "ended" else "running")
    if filters.state == "stuck":
        rows = rows.filter(is_stuck=True)
    if filters.rule_id is not None:
        rows = rows.filter(rule_id=filters.rule_id)
    return page_of(rows.order_by("-started_at", "-pk"), filters, _said)


@routes.post("/cases/{number}/skip", CaseAlone, Scope.CASES_WRITE)
def skip_follow_up(request: WorkspaceRequest, number: str) -> CaseAlone:
    """Skip the next follow-up. It counts as a step whose wait begins now, and no mail goes out."""
    case = case_of(request, number)
    approvals.skip(case.pk, actor=request.user, now=request.now)
    return alone(case.pk, request.now)


@routes.post("/cases/{number}/stop", CaseAlone, Scope.CASES_WRITE)
def stop_follow_ups(request: WorkspaceRequest, number: str) -> CaseAlone:
    """Stop the follow-ups of a case. They don't begin again before our next mail."""
    case = case_of(request, number)
    approvals.stop(case.pk, actor=request.user, now=request.now)
    return alone(case.pk, request.now)


@routes.post("/cases/{number}/continuation", CaseAlone, Scope.CASES_WRITE)
def continue_follow_ups(request: WorkspaceRequest, number: str) -> CaseAlone:
    """Continue the follow-ups after an answer. A full wait begins with that answer."""
    case = case_of(request, number)
    approvals.continue_follow_ups(case.pk, actor=request.user, now=request.now)
    return alone(case.pk, request.now)


@routes.post("/cases/{number}/no-reply-needed", CaseAlone, Scope.CASES_WRITE)
def need_no_reply(request: WorkspaceRequest, number: str) -> CaseAlone:
    """Say that the customer's last mail needs no reply. The suggestion goes."""
    case = case_of(request, number)
    approvals.no_reply_needed(case.pk, actor=request.user, now=request.now)
    return alone(case.pk, request.now)


def _rows() -> QuerySet[Any]:
    proposed = SuggestedAction.objects.filter(case=OuterRef("case"), state="proposed")
    done = SuggestedAction.objects.filter(enrolment=OuterRef("pk"), state="done", kind__in=FOLLOW_UPS).order_by()
    last = done.values("enrolment").annotate(last=Max("step")).values("last")
    return Enrolment.objects.select_related("case__owner", "case__review", "rule", "ended_by").annotate(
        is_stuck=Q(state="running") & Exists(proposed.filter(kind__in=STUCK)), last_step_done=Subquery(last)
    )


PLAIN = ("id", "rule_version", "last_step_done", "state", "is_stuck", "started_at", "ended_at", "end_reason")


def _said(row: Any) -> SeriesSaid:
    review = getattr(row.case, "review", None)
    plain = {name: getattr(row, name) for name in PLAIN}
    return SeriesSaid(
        **plain,
        case_number=row.case.number,
        case_title=row.case.title,
        owner=named(row.case.owner),
        rule=Named(id=row.rule_id, name=row.rule.name),
        level=str(row.policy.get("level", "")),
        follow_ups=int(row.policy.get("follow_ups", 0)),
        next_look_at=review.review_at if review and row.state == "running" else None,
        ended_by=named(row.ended_by),
    )

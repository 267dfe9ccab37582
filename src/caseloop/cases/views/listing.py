"""The case list: views, filters, search, pages (spec 6.1)."""

from __future__ import annotations

from typing import Any

from django.db.models import Case as Choose
from django.db.models import F, IntegerField, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import render

from caseloop.accounts.access import WorkspaceRequest, page
from caseloop.accounts.models import User
from caseloop.cases.case_views import BY_KEY, VIEWS, CaseView, matching, with_next_step
from caseloop.cases.counting import capped_counts
from caseloop.cases.models import Case, StatusReason
from caseloop.cases.views.next_step import next_step
from caseloop.cases.views.paging import Page, page_of
from caseloop.cases.visibility import visible_cases

PAGE_SIZE = 25


@page
def case_list(request: WorkspaceRequest) -> HttpResponse:
    """One view of the cases, narrowed by words and status reason; htmx replaces only the list."""
    view = BY_KEY.get(request.GET.get("view", ""), BY_KEY["all"] if request.GET.get("q") else VIEWS[0])
    seen = visible_cases(request.user)
    chosen = view.choose(seen, request.user)
    asked = request.GET.get("reason", "")
    reason_id = int(asked) if asked.isdecimal() else None
    cases = matching(chosen, request.GET.get("q", ""))
    cases = cases.filter(status_reason_id=reason_id) if reason_id else cases
    tabs, total = _tabs(seen, view, cases, request)
    shown = _page(cases, view, request, total)
    context = {
        "view": view,
        "tabs": tabs,
        "page": shown,
        "rows": [(case, next_step(case, request.now)) for case in shown.rows],
        "words": request.GET.get("q", ""),
        "reason": reason_id,
        "reasons": list(StatusReason.objects.filter(is_available=True)),
        "owners": User.objects.filter(is_active=True, is_application_user=False).exclude(role="auditor"),
        "is_narrowed": bool(request.GET.get("q") or reason_id),
    }
    template = "cases/parts/list.html" if request.htmx and not request.htmx.boosted else "cases/list.html"
    return render(request, template, context)


def _tabs(
    seen: QuerySet[Case], view: CaseView, cases: QuerySet[Case], request: WorkspaceRequest
) -> tuple[list[dict[str, Any]], int]:
    """All views with their numbers, and the number of cases in this list, in one statement."""
    listed = [each for each in VIEWS if each.key != "all" or each is view]
    sets = {each.key: each.choose(seen, request.user) for each in listed}
    counts = capped_counts({**sets, "": cases})
    tabs = [{"view": each, "count": counts[each.key], "is_here": each is view} for each in listed]
    return tabs, counts[""]


def _page(cases: QuerySet[Case], view: CaseView, request: WorkspaceRequest, total: int) -> Page[Case]:
    rows = with_next_step(cases).select_related("status_reason", "contact", "organization", "owner", "queue", "review")
    return page_of(_ordered(rows, view), request.GET.get("page", ""), size=PAGE_SIZE, total=total)


def _ordered(rows: QuerySet[Case], view: CaseView) -> QuerySet[Case]:
    """What needs a person first, then by when it is looked at next; ended cases by their last change."""
    if view.key in ("resolved", "all"):
        return rows.order_by("-updated_at", "-pk")
    urgency = Choose(
        When(has_doubt=True, then=Value(0)),
        When(action_kind="reply_to_customer", then=Value(1)),
        When(has_unread=True, then=Value(2)),
        When(action_state="proposed", then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return rows.order_by(urgency, F("review__review_at").asc(nulls_last=True), "-updated_at", "-pk")

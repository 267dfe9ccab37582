"""Running series: the list of all, and what a person decides about one (spec 6.4, 6.8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.models import User
from caseloop.accounts.returning import way_back
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.case_views import matching, with_next_step
from caseloop.cases.counting import capped_counts
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Case
from caseloop.cases.views.lookup import case_or_404
from caseloop.cases.views.next_step import next_step
from caseloop.cases.views.paging import page_of
from caseloop.cases.visibility import visible_cases
from caseloop.followups import approvals
from caseloop.followups.errors import FollowUpError

PAGE_SIZE = 25
VIEWS = {"": "All", "stuck": "Stuck", "today": "Due today", "review": "Waits for review", "held": "Held"}


@page
def series(request: WorkspaceRequest) -> HttpResponse:
    """Every running series that the reader may see, stuck ones first, then by when each is looked at next."""
    running = visible_cases(request.user).filter(enrolments__state="running")
    sets = {key: _narrowed(running, key, request.now) for key in VIEWS}
    shown = request.GET.get("view", "")
    shown = shown if shown in VIEWS else ""
    cases = matching(sets[shown], request.GET.get("q", ""))
    counts = capped_counts({**sets, "shown": cases})
    rows = with_next_step(cases).select_related("contact", "organization", "owner", "status_reason", "review")
    rows = rows.order_by(F("action_kind").asc(nulls_last=True), F("review__review_at").asc(nulls_last=True), "pk")
    listed = page_of(rows, request.GET.get("page", ""), size=PAGE_SIZE, total=counts["shown"])
    context = {
        "tabs": [
            {"key": key, "name": name, "count": counts[key], "is_here": key == shown} for key, name in VIEWS.items()
        ],
        "page": listed,
        "rows": [(case, next_step(case, request.now), _state(case, request.now)) for case in listed.rows],
        "words": request.GET.get("q", ""),
        "shown": shown,
    }
    template = "followups/parts/series_list.html" if request.htmx else "followups/series.html"
    return render(request, template, context)


def _narrowed(running: QuerySet[Case], view: str, now: datetime) -> QuerySet[Case]:
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    open_action = Q(suggested_actions__state="proposed")
    match view:
        case "stuck":
            return running.filter(open_action, suggested_actions__kind__in=["needs_attention", "reply_to_customer"])
        case "review":
            return running.filter(open_action, suggested_actions__kind__in=FOLLOW_UPS)
        case "today":
            return running.filter(review__review_at__lt=midnight)
        case "held":
            return running.filter(hold_until__gt=now)
    return running


FOLLOW_UPS = ["send_follow_up", "send_next_follow_up", "resolve_case"]


def _state(row: Any, now: datetime) -> tuple[str, str]:
    """The named state of a series, and its tone."""
    if row.has_doubt:
        return "In doubt", "warn"
    if row.action_state == "proposed":
        return ("Waits for review", "warn") if row.action_kind in FOLLOW_UPS else ("Stuck", "bad")
    if row.hold_until and row.hold_until > now:
        return "Held", "info"
    if row.no_automation:
        return "No automation", "info"
    return "Running", ""


@act
def skip(request: WorkspaceRequest, number: str) -> HttpResponse:
    return _decide(request, number, approvals.skip, "Skipped. Its wait begins now, and no mail goes out.")


@act
def stop(request: WorkspaceRequest, number: str) -> HttpResponse:
    return _decide(request, number, approvals.stop, "Follow-ups stopped. They don’t begin again before our next mail.")


@act
def continuation(request: WorkspaceRequest, number: str) -> HttpResponse:
    said = "The follow-ups continue, with a full wait from the customer’s mail."
    return _decide(request, number, approvals.continue_follow_ups, said)


@act
def no_reply_needed(request: WorkspaceRequest, number: str) -> HttpResponse:
    return _decide(request, number, approvals.no_reply_needed, "No reply needed. The card is gone.")


def _decide(request: WorkspaceRequest, number: str, verb: Callable[..., object], said: str) -> HttpResponse:
    case = case_or_404(request, number)
    who: dict[str, User | datetime] = {"actor": request.user, "now": request.now}
    try:
        verb(case.pk, **who)
    except (FollowUpError, CaseError) as error:
        problem(request, str(error))
    else:
        toast(request, said)
    return HttpResponseRedirect(way_back(request, reverse("cases:detail", args=[case.number])))

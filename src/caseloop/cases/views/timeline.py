"""What happened on a case, newest first, narrowed by kind and words (spec 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from caseloop.accounts.access import WorkspaceRequest, page
from caseloop.cases.models import Activity, Case
from caseloop.cases.models.activity import ActivityKind
from caseloop.cases.views.lookup import case_or_404

PAGE_SIZE = 30
KINDS = {
    "emails": ("Emails", Q(kind=ActivityKind.EMAIL)),
    "notes": ("Notes", Q(kind=ActivityKind.NOTE)),
    "tasks": ("Tasks", Q(kind=ActivityKind.TASK)),
    "calls": ("Phone calls", Q(kind=ActivityKind.PHONE_CALL)),
    "appointments": ("Appointments", Q(kind=ActivityKind.APPOINTMENT)),
    "automatic": ("Automatic only", Q(is_automatic=True)),
}
ICONS = {
    ActivityKind.EMAIL: ("mail", "info"),
    ActivityKind.NOTE: ("note", ""),
    ActivityKind.TASK: ("task", ""),
    ActivityKind.PHONE_CALL: ("phone", ""),
    ActivityKind.APPOINTMENT: ("calendar", ""),
    ActivityKind.SERIES: ("loop", "info"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is shown; `mail` is the mail behind it, if any."""

    activity: Activity
    mail: Any
    icon: str
    tone: str
    is_from_customer: bool
    is_unread: bool


def timeline_of(case: Case, request: WorkspaceRequest) -> dict[str, Any]:
    """The lines of one page, with what narrows them, for `cases/parts/timeline.html`; one query."""
    kind = request.GET.get("show", "")
    words = request.GET.get("find", "").strip()
    before = parse_datetime(request.GET.get("before", "")) if request.GET.get("before") else None
    found = list(_activities(case, kind, words, before)[: PAGE_SIZE + 1])
    lines = [_line(activity) for activity in found[:PAGE_SIZE]]
    return {
        "case": case,
        "lines": lines,
        "kinds": [(key, name) for key, (name, _) in KINDS.items()],
        "shown_kind": kind,
        "timeline_words": words,
        "older_than": lines[-1].activity.occurred_at.isoformat() if len(found) > PAGE_SIZE else "",
        "is_later_page": before is not None,
    }


@page
def timeline(request: WorkspaceRequest, number: str) -> HttpResponse:
    """The timeline alone: what htmx puts in place when its filter changes."""
    case = case_or_404(request, number, "contact")
    return render(request, "cases/parts/timeline.html", timeline_of(case, request))


def _activities(case: Case, kind: str, words: str, before: datetime | None) -> QuerySet[Activity]:
    rows = Activity.objects.filter(case=case).select_related("actor", "message__reading", "message__action")
    if kind in KINDS:
        rows = rows.filter(KINDS[kind][1])
    if words:
        rows = rows.filter(Q(subject__icontains=words) | Q(body__icontains=words) | Q(message__text__icontains=words))
    if before is not None:
        rows = rows.filter(occurred_at__lt=before)
    return rows.order_by("-occurred_at", "-pk")


def _line(activity: Activity) -> Line:
    mail = getattr(activity, "message", None)
    is_from_customer = activity.direction == "in"
    icon, tone = ICONS.get(ActivityKind(activity.kind), ("cases", ""))
    if is_from_customer:
        icon, tone = ("in" if activity.kind == ActivityKind.EMAIL else icon), "good"
    if activity.is_automatic:
        icon, tone = "spark", "ai"
    is_unread = bool(
        mail and mail.direction == "in" and mail.kind in ("human", "unreadable") and mail.opened_at is None
    )
    return Line(
        activity=activity, mail=mail, icon=icon, tone=tone, is_from_customer=is_from_customer, is_unread=is_unread
    )

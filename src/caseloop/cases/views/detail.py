"""One case on a page: fields, what happens next, what is to be done, timeline, people (spec 6.2)."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.db.models import Max, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from caseloop.accounts.access import WorkspaceRequest, page
from caseloop.accounts.models import User
from caseloop.cases.models import Activity, Case, CustomField, StatusReason
from caseloop.cases.models.activity import ActivityState
from caseloop.cases.views.lookup import WITH_ALL, case_or_404
from caseloop.cases.views.timeline import timeline_of
from caseloop.cases.visibility import visible_cases, visible_queues


@page
def case_detail(request: WorkspaceRequest, number: str) -> HttpResponse:
    """The page of a case; its card and plan line are parts of the follow-ups, put in by the template."""
    case = case_or_404(request, number, *WITH_ALL)
    open_work = list(
        Activity.objects.filter(case=case, state=ActivityState.OPEN).select_related("actor").order_by("due_at", "pk")
    )
    context = timeline_of(case, request) | {
        "age_in_days": (request.now - case.created_at).total_seconds() / 86400,
        "open_work": open_work,
        "addresses": list(case.contact.addresses.order_by("-is_primary", "pk")) if case.contact else [],
        "other_open": _other_open(case, request.user),
        "customer_time": _customer_time(case, request),
        "custom_fields": _custom_fields(case),
        "present_resolution": case.resolutions.filter(reopening__isnull=True)
        .select_related("status_reason", "resolved_by")
        .order_by("-resolved_at")
        .first()
        if case.status == "resolved"
        else None,
        "news_mark": news_mark(case),
        **choices_for(request.user, case),
    }
    return render(request, "cases/detail.html", context)


@page
def news(request: WorkspaceRequest, number: str) -> HttpResponse:
    """204 while nothing happened since the page was loaded, else a notice that offers to show it."""
    case = case_or_404(request, number)
    if news_mark(case) == request.GET.get("mark"):
        return HttpResponse(status=204)
    return render(request, "cases/parts/news.html", {"case": case})


def news_mark(case: Case) -> str:
    """A text that changes with every line of the timeline, every edit, and every new suggestion."""
    same = Case.objects.filter(pk=OuterRef("pk")).order_by()
    line = same.values("pk").annotate(last=Max("activities__pk")).values("last")
    action = same.filter(suggested_actions__state="proposed").values("suggested_actions__pk")[:1]
    facts = Case.objects.filter(pk=case.pk).values_list(Subquery(line), Subquery(action)).get()
    return f"{case.version}-{facts[0]}-{facts[1]}"


def choices_for(user: User, case: Case) -> dict[str, Any]:
    """What the menus of the page offer: reasons, owners, queues."""
    return {
        "status_reasons": StatusReason.objects.filter(status=case.status, is_available=True),
        "owners": User.objects.filter(is_active=True, is_application_user=False).exclude(role="auditor"),
        "queues": visible_queues(user),
        "ending_reasons": StatusReason.objects.filter(status="cancelled", is_available=True).exclude(key="merged"),
    }


def _other_open(case: Case, user: User) -> int:
    if case.contact is None:
        return 0
    return visible_cases(user).filter(contact=case.contact, status="active").exclude(pk=case.pk).count()


def _customer_time(case: Case, request: WorkspaceRequest) -> dict[str, Any] | None:
    """What time it is where the customer is, when their zone is known."""
    zone = case.contact.time_zone if case.contact else ""
    if not zone:
        return None
    try:
        local = request.now.astimezone(zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None
    same = local.utcoffset() == timezone.localtime(request.now).utcoffset()
    return {"local": f"{local:%a %H:%M}", "same": same, "zone": zone}


def _custom_fields(case: Case) -> list[tuple[str, str]]:
    fields = CustomField.objects.filter(key__in=case.custom) if case.custom else []
    return [(field.label, _shown(case.custom.get(field.key))) for field in fields]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)

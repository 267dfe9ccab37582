"""One change for all ticked cases: assign, status reason, hold, no automation (spec 6.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from caseloop.accounts.access import WorkspaceRequest, act
from caseloop.accounts.models import User
from caseloop.accounts.returning import way_back
from caseloop.accounts.toasts import problem, toast
from caseloop.cases import changes
from caseloop.cases.errors import CaseError
from caseloop.cases.forms import HoldForm, ReasonForm, morning_of
from caseloop.cases.models import Case
from caseloop.cases.visibility import visible_cases

AT_ONCE = 100


@act
def changes_together(request: WorkspaceRequest) -> HttpResponse:
    """Each case by itself, in case-id order; those that refuse are named, the others are done."""
    back = HttpResponseRedirect(way_back(request, reverse("cases:list")))
    numbers = request.POST.getlist("case")[:AT_ONCE]
    cases = list(visible_cases(request.user).filter(number__in=numbers).order_by("pk"))
    change = _asked(request)
    if not cases or change is None:
        problem(request, "Tick some cases, and choose what to do with them.")
        return back
    refused = []
    for case in cases:
        try:
            change(case)
        except CaseError as error:
            refused.append(f"{case.number}: {error}")
    done = len(cases) - len(refused)
    if done:
        toast(
            request,
            f"{done} of {len(cases)} cases changed." if refused else f"{done} case{'s' if done > 1 else ''} changed.",
        )
    if refused:
        problem(request, "Not changed: " + " ".join(refused))
    return back


def _asked(request: WorkspaceRequest) -> Callable[[Case], object] | None:
    """The change that the pressed button stands for, or None when its field is not filled in."""
    who: dict[str, Any] = {"actor": request.user, "now": request.now}
    match request.POST.get("do", ""):
        case "assign":
            people = User.objects.filter(is_active=True, is_application_user=False).exclude(role="auditor")
            chosen = request.POST.get("owner", "")
            person = people.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
            return (lambda case: changes.assign(case.pk, person, **who)) if person else None
        case "status_reason":
            form = ReasonForm(request.POST)
            if not form.is_valid():
                return None
            return lambda case: changes.set_status_reason(case.pk, form.cleaned_data["status_reason"], **who)
        case "hold":
            hold = HoldForm(request.POST)
            if not hold.is_valid():
                return None
            until = morning_of(hold.cleaned_data["until"])
            return lambda case: changes.hold(case.pk, until, hold.cleaned_data["reason"], **who)
        case "no_automation":
            return lambda case: changes.set_no_automation(case.pk, True, **who)
    return None

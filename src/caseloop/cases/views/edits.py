"""Changing a case: its fields, status reason, owner, queue, hold and automation; one address per noun."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.models import User
from caseloop.accounts.returning import way_back
from caseloop.accounts.toasts import problem, toast
from caseloop.cases import changes
from caseloop.cases.errors import CaseChangedMeanwhile, CaseError
from caseloop.cases.forms import CaseFieldsForm, HoldForm, NewCaseForm, ReasonForm, morning_of
from caseloop.cases.models import Activity, Case
from caseloop.cases.models.activity import ActivityKind
from caseloop.cases.views.lookup import WITH_ALL, case_or_404
from caseloop.cases.visibility import visible_queues


@page
def new_case(request: WorkspaceRequest) -> HttpResponse:
    """A case made by hand."""
    form = NewCaseForm(request.user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "cases/new.html", {"form": form}, status=status)
    new = changes.NewCase(**form.cleaned_data, owner=request.user, origin="by hand")
    case = changes.create_case(new, actor=request.user, now=request.now)
    toast(request, f"{case.number} opened.")
    return redirect("cases:detail", number=case.number)


@page
def fields(request: WorkspaceRequest, number: str) -> HttpResponse:
    """The form of plain and custom fields; what somebody else saved meanwhile is never overwritten."""
    case = case_or_404(request, number, *WITH_ALL)
    form = CaseFieldsForm(case, request.POST or None)
    context = {"case": case, "form": form}
    if request.method != "POST":
        return render(request, "cases/fields.html", context)
    if not form.is_valid():
        return render(request, "cases/fields.html", context, status=422)
    try:
        changes.edit_case(
            case.pk, form.changes(), actor=request.user, now=request.now, version=form.cleaned_data["version"]
        )
    except CaseChangedMeanwhile:
        context["faster"] = _last_change(case)
        return render(request, "cases/fields.html", context, status=409)
    except CaseError as error:
        form.add_error(None, str(error))
        return render(request, "cases/fields.html", context, status=422)
    toast(request, "Saved.")
    return _to_case(case)


@act
def status_reason(request: WorkspaceRequest, number: str) -> HttpResponse:
    case = case_or_404(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        problem(request, "Choose a status reason.")
        return _to_case(case)
    try:
        changed = changes.set_status_reason(
            case.pk, form.cleaned_data["status_reason"], actor=request.user, now=request.now
        )
    except CaseError as error:
        problem(request, str(error))
    else:
        toast(request, f"Status reason: {changed.status_reason}.")
    return _back(request, case)


@act
def owner(request: WorkspaceRequest, number: str) -> HttpResponse:
    """Another owner; an empty choice gives the case to the team."""
    case = case_or_404(request, number)
    chosen = request.POST.get("owner", "")
    person = None
    if chosen:
        people = User.objects.filter(is_active=True, is_application_user=False).exclude(role="auditor")
        person = people.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        if person is None:
            problem(request, "Choose somebody who works on cases.")
            return _back(request, case)
    changes.assign(case.pk, person, actor=request.user, now=request.now)
    toast(request, f"Assigned to {person or 'the team'}.")
    return _back(request, case)


@act
def queue(request: WorkspaceRequest, number: str) -> HttpResponse:
    case = case_or_404(request, number)
    chosen = request.POST.get("queue", "")
    target = visible_queues(request.user).filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    if target is None:
        problem(request, "Choose one of your queues.")
        return _back(request, case)
    changes.move_to_queue(case.pk, target, actor=request.user, now=request.now)
    toast(request, f"Moved to the queue {target}.")
    return _back(request, case)


@act
def hold(request: WorkspaceRequest, number: str) -> HttpResponse:
    """Hold until the morning of a day: one of the quick choices, or the one in the form; `end` lifts it."""
    case = case_or_404(request, number)
    if "end" in request.POST:
        changes.hold(case.pk, None, "", actor=request.user, now=request.now)
        toast(request, "The hold has ended.")
        return _back(request, case)
    form = HoldForm(_with_quick_choice(request))
    if not form.is_valid():
        problem(request, "Say until which day the case is held.")
        return _back(request, case)
    until = morning_of(form.cleaned_data["until"])
    try:
        changes.hold(case.pk, until, form.cleaned_data["reason"], actor=request.user, now=request.now)
    except CaseError as error:
        problem(request, str(error))
    else:
        day = timezone.localtime(until)
        toast(request, f"Held until {day:%a} {day.day} {day:%b}. Nothing is sent or closed before.")
    return _back(request, case)


def _with_quick_choice(request: WorkspaceRequest) -> dict[str, str]:
    """The fields of the form, with the day of *Tomorrow*, *Next Monday* or *In one week* filled in."""
    today = timezone.localtime(request.now).date()
    days = {
        "tomorrow": today + timedelta(days=1),
        "monday": today + timedelta(days=7 - today.weekday()),
        "week": today + timedelta(days=7),
    }
    quick = days.get(request.POST.get("quick", ""))
    return {
        "until": quick.isoformat() if quick else request.POST.get("until", ""),
        "reason": request.POST.get("reason", ""),
    }


@act
def automation(request: WorkspaceRequest, number: str) -> HttpResponse:
    """Whether anything is drafted, sent or resolved by the assistant on this case."""
    case = case_or_404(request, number)
    is_off = request.POST.get("off") == "1"
    changes.set_no_automation(case.pk, is_off, actor=request.user, now=request.now)
    said = "No automation on this case." if is_off else "The assistant may work on this case again."
    toast(request, said)
    return _back(request, case)


@act
def cancellation(request: WorkspaceRequest, number: str) -> HttpResponse:
    """The case ends without a resolution."""
    case = case_or_404(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        problem(request, "Say why the case is cancelled.")
        return _to_case(case)
    try:
        changes.cancel_case(case.pk, form.cleaned_data["status_reason"], actor=request.user, now=request.now)
    except CaseError as error:
        problem(request, str(error))
    else:
        toast(request, "Case cancelled.", undo=reverse("cases:reopening", args=[case.number]))
    return _to_case(case)


def _last_change(case: Case) -> Activity | None:
    changes_made = Activity.objects.filter(case=case, kind=ActivityKind.CHANGE).select_related("actor")
    return changes_made.order_by("-occurred_at", "-pk").first()


def _to_case(case: Case) -> HttpResponseRedirect:
    return redirect("cases:detail", number=case.number)


def _back(request: WorkspaceRequest, case: Case) -> HttpResponseRedirect:
    return HttpResponseRedirect(way_back(request, reverse("cases:detail", args=[case.number])))

"""Adding to a case's timeline, and finishing open work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.toasts import problem, toast
from caseloop.cases import changes
from caseloop.cases.errors import CaseError
from caseloop.cases.forms import FORMS_OF_ACTIVITIES
from caseloop.cases.models import Activity, Case
from caseloop.cases.models.activity import ActivityKind, ActivityState, Direction
from caseloop.cases.views.lookup import case_or_404
from caseloop.cases.visibility import visible_cases


@page
def new_activity(request: WorkspaceRequest, number: str, kind: str) -> HttpResponse:
    """A note, task, phone call or appointment."""
    case = case_or_404(request, number, "contact")
    chosen = {each.value: each for each in FORMS_OF_ACTIVITIES}.get(kind)
    if chosen is None:
        raise Http404(f"no activity of kind {kind}")
    form = FORMS_OF_ACTIVITIES[chosen](request.POST or None)
    context = {"case": case, "form": form, "kind": chosen}
    if request.method != "POST":
        return render(request, "cases/new_activity.html", context)
    if form.is_valid():
        try:
            _add(case, chosen, form, request)
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            toast(request, f"{chosen.label} added.")
            return redirect("cases:detail", number=case.number)
    return render(request, "cases/new_activity.html", context, status=422)


def _add(case: Case, kind: ActivityKind, form: forms.Form, request: WorkspaceRequest) -> None:
    said: dict[str, Any] = form.cleaned_data
    who: dict[str, Any] = {"actor": request.user, "now": request.now}
    if kind is ActivityKind.NOTE:
        changes.add_note(case.pk, said["text"], **who)
    elif kind is ActivityKind.PHONE_CALL:
        direction = Direction(said["direction"])
        changes.log_contact(case.pk, kind, direction, said["text"], occurred_at=said["occurred_at"], **who)
    else:
        changes.add_work(case.pk, kind, said["subject"], due_at=said["due_at"], **who)


@act
def completion(request: WorkspaceRequest, activity_id: int) -> HttpResponse:
    return _finish(request, activity_id, ActivityState.COMPLETED, "Done.")


@act
def dropping(request: WorkspaceRequest, activity_id: int) -> HttpResponse:
    return _finish(request, activity_id, ActivityState.CANCELLED, "Cancelled.")


def _finish(request: WorkspaceRequest, activity_id: int, state: ActivityState, said: str) -> HttpResponse:
    seen = Activity.objects.filter(case__in=visible_cases(request.user)).select_related("case")
    activity = get_object_or_404(seen, pk=activity_id)
    try:
        changes.finish_work(activity.pk, state, actor=request.user, now=request.now)
    except CaseError as error:
        problem(request, str(error))
    else:
        toast(request, said)
    return redirect("cases:detail", number=activity.case.number)

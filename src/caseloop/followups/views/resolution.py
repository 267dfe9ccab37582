"""Case Resolution: a dialog over the case, and the same form as a page without scripts (spec 6.6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from caseloop.accounts.access import WorkspaceRequest, page
from caseloop.accounts.toasts import toast
from caseloop.cases.blocking import Blocking
from caseloop.cases.errors import CannotResolve
from caseloop.cases.forms import ResolutionForm
from caseloop.cases.models import Activity, Case, Resolution, StatusReason
from caseloop.cases.models.activity import ActivityState
from caseloop.cases.resolving import ResolutionDetails
from caseloop.cases.views.lookup import WITH_ALL, case_or_404
from caseloop.domain.actions import Reason, SuggestionKind
from caseloop.followups import approvals
from caseloop.followups.models import SuggestedAction


@page
def resolution(request: WorkspaceRequest, number: str) -> HttpResponse:
    """The form, filled in where the case says how it ends; sent, it cancels open activities and resolves."""
    case = case_or_404(request, number, *WITH_ALL)
    if request.method != "POST":
        return _form_page(request, case, ResolutionForm(initial=_filled_in(case)), status=200)
    form = ResolutionForm(request.POST)
    if not form.is_valid():
        return _form_page(request, case, form, status=422)
    try:
        details = ResolutionDetails(**form.cleaned_data)
        made = approvals.resolve(case.pk, details, actor=request.user, now=request.now)
    except CannotResolve as refused:
        return _form_page(request, case, form, status=422, blockers=refused.blockers)
    toast(request, f"Case resolved{_cancelled_words(made)}.", undo=reverse("cases:reopening", args=[case.number]))
    address = reverse("cases:detail", args=[case.number])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _cancelled_words(made: Resolution) -> str:
    cancelled = made.cancelled_activities.count()
    return f", {cancelled} open activit{'y' if cancelled == 1 else 'ies'} cancelled" if cancelled else ""


def _form_page(
    request: WorkspaceRequest, case: Case, form: ResolutionForm, *, status: int, blockers: list[str] | None = None
) -> HttpResponse:
    if blockers is None and case.status == "active":
        blockers = Blocking.of([case.pk], is_automatic=False, now=request.now).of_case(case.pk, case.custom)
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "blockers": blockers if case.status == "active" else [f"it is {case.status} already"],
        "open_work": list(Activity.objects.filter(case=case, state=ActivityState.OPEN).order_by("due_at", "pk")),
    }
    template = "cases/parts/resolution_form.html" if request.htmx else "cases/resolution.html"
    return render(request, template, context, status=status)


def _filled_in(case: Case) -> dict[str, Any]:
    """*No Response* for a suggested closing by silence, *Problem Solved* only when the customer said so."""
    suggested = SuggestedAction.objects.filter(case=case, kind=SuggestionKind.RESOLVE_CASE, state="proposed").first()
    if suggested is None:
        return {}
    said_so = suggested.reason == Reason.FAVORABLE
    key = "problem_solved" if said_so else "no_response"
    return {
        "status_reason": StatusReason.objects.filter(key=key).first(),
        "text": "The customer said that it is solved." if said_so else "The customer did not answer our mails.",
        "remarks": suggested.summary,
    }

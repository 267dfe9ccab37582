"""Bringing an ended case back by hand."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from caseloop.accounts.access import WorkspaceRequest, act
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.errors import CaseError
from caseloop.cases.resolving import reopen_case
from caseloop.cases.views.lookup import case_or_404


@act
def reopening(request: WorkspaceRequest, number: str) -> HttpResponse:
    """Active again; the reason is kept with the resolution that ended."""
    case = case_or_404(request, number)
    reason = request.POST.get("reason", "").strip() or "Reopened by hand"
    try:
        reopen_case(case.pk, reason, actor=request.user, now=request.now)
    except CaseError as error:
        problem(request, str(error))
    else:
        toast(request, "The case is active again.")
    return redirect("cases:detail", number=case.number)

"""Correcting what a mail was read as (spec 3.6)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from caseloop.accounts.access import WorkspaceRequest, act
from caseloop.accounts.returning import way_back
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.errors import CaseError
from caseloop.cases.visibility import visible_cases
from caseloop.domain.facts import Label
from caseloop.followups.approvals import correct_reading
from caseloop.followups.card import LABELS
from caseloop.followups.errors import FollowUpError
from caseloop.mail.models import Message


@act
def reading(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """Another label for this mail; the plan is made anew."""
    seen = Message.objects.filter(case__in=visible_cases(request.user)).select_related("case")
    message = get_object_or_404(seen, pk=message_id)
    assert message.case is not None
    chosen = request.POST.get("label", "")
    try:
        label = Label(chosen)
        correct_reading(message.pk, label, actor=request.user, now=request.now)
    except ValueError:
        problem(request, f"There is no reading “{chosen}”.")
    except (FollowUpError, CaseError) as error:
        problem(request, str(error))
    else:
        toast(request, f"Read as {LABELS[label].lower()} now. The plan is made anew.")
    return HttpResponseRedirect(way_back(request, reverse("cases:detail", args=[message.case.number])))

"""What a person decides on the card: approve, take back, discard, dismiss, rate; one address per noun (spec 6.4)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from caseloop.accounts.access import WorkspaceRequest, act
from caseloop.accounts.returning import way_back
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.errors import CaseError
from caseloop.cases.visibility import visible_cases
from caseloop.followups import approvals
from caseloop.followups.errors import FollowUpError
from caseloop.followups.feedback import rate
from caseloop.followups.models import SuggestedAction
from caseloop.mail.errors import MailError


@act
def approval(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    """The draft goes out as it stands; the last look still comes before the hand-over."""
    undo = reverse("followups:withdrawal", args=[action_id])
    return _decide(
        request,
        action_id,
        lambda action: approvals.approve(action.pk, actor=request.user, now=request.now, undo_for=approvals.UNDO),
        "The mail is on its way.",
        undo=undo,
    )


@act
def withdrawal(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    return _decide(
        request,
        action_id,
        lambda action: approvals.take_back(action.pk, actor=request.user, now=request.now),
        "Taken back. The mail is a draft again.",
    )


@act
def discard(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    """Throws away the draft only; a suggestion without a draft goes itself."""
    return _decide(
        request,
        action_id,
        lambda action: approvals.discard(action.pk, actor=request.user, now=request.now),
        "Discarded. The follow-ups themselves go on.",
    )


@act
def completion(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    return _decide(
        request,
        action_id,
        lambda action: approvals.complete(action.pk, actor=request.user, now=request.now),
        "Done. The case is looked at anew.",
    )


@act
def feedback(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    thumbs = {"up": 1, "down": -1}.get(request.POST.get("thumbs", ""), 0)
    comment = request.POST.get("comment", "")
    return _decide(
        request, action_id, lambda action: rate(action.pk, thumbs, comment, actor=request.user), "Thank you, noted."
    )


def _decide(
    request: WorkspaceRequest,
    action_id: int,
    verb: Callable[[SuggestedAction], object],
    said: str,
    *,
    undo: str = "",
) -> HttpResponse:
    seen = SuggestedAction.objects.filter(case__in=visible_cases(request.user)).select_related("case")
    action = get_object_or_404(seen, pk=action_id)
    try:
        verb(action)
    except (FollowUpError, MailError, CaseError) as error:
        problem(request, str(error))
    else:
        toast(request, said, undo=undo)
    return HttpResponseRedirect(way_back(request, reverse("cases:detail", args=[action.case.number])))

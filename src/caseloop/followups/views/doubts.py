"""Mail in doubt: *Does this mail answer this case too?* (spec 3.14), and *Did this mail go out?* (4.3)"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.case_views import with_next_step
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Case
from caseloop.cases.views.next_step import next_step
from caseloop.cases.visibility import visible_cases
from caseloop.followups.doubts import answer
from caseloop.followups.errors import FollowUpError
from caseloop.followups.escalations import may_not_have_gone
from caseloop.mail.models import MailDoubt, Message
from caseloop.mail.settling import found_sent, settle_not_sent

AT_MOST = 200
SAID = {
    "yes": "Yes: it answers the case. Its owner decides what is next.",
    "no": "No: the case goes on where it stood.",
    "moved": "Moved. Later answers to it go there too.",
}


@page
def doubts(request: WorkspaceRequest) -> HttpResponse:
    """The mails in doubt on the left, the chosen one with its questions on the right; oldest first."""
    questions = list(
        MailDoubt.objects.filter(answer="", case__in=visible_cases(request.user))
        .select_related("message__case", "message__mailbox")
        .order_by("asked_at", "pk")[:AT_MOST]
    )
    mails = _by_mail(questions)
    chosen = _chosen(mails, request.GET.get("mail", ""))
    context: dict[str, Any] = {"mails": mails, "chosen": chosen, "unsure": _unsure(request)}
    if chosen is not None:
        ids = [question.case_id for question in chosen["questions"]]
        cases = with_next_step(Case.objects.filter(pk__in=ids)).select_related("contact", "organization", "review")
        steps = {case.pk: (case, next_step(_without_doubt(case), request.now)) for case in cases}
        context["questions"] = [(question, *steps[question.case_id]) for question in chosen["questions"]]
        context["may_see_own_case"] = visible_cases(request.user).filter(pk=chosen["mail"].case_id or 0).exists()
    return render(request, "followups/doubts.html", context)


@act
def doubt_answer(request: WorkspaceRequest, doubt_id: int) -> HttpResponse:
    """Yes, no, or move it here."""
    doubt = get_object_or_404(MailDoubt.objects.filter(case__in=visible_cases(request.user)), pk=doubt_id)
    said = request.POST.get("answer", "")
    if said not in SAID:
        problem(request, "Answer yes, no, or move it here.")
        return redirect("followups:doubts")
    try:
        answer(doubt.pk, said, actor=request.user, now=request.now)
    except (FollowUpError, CaseError) as error:
        problem(request, str(error))
    else:
        toast(request, SAID[said])
    return redirect("followups:doubts")


@act
def settlement(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """A person has found out whether a mail of ours went out; it is never sent again by itself."""
    message = get_object_or_404(Message.objects.filter(case__in=visible_cases(request.user)), pk=message_id)
    settle = {"yes": found_sent, "no": settle_not_sent}.get(request.POST.get("was_sent", ""))
    if settle is None:
        problem(request, "Say yes or no.")
    elif not settle([message.pk], request.now):
        problem(request, "This mail is not in doubt any more.")
    else:
        toast(request, "Noted.")
    return redirect("followups:doubts")


def _unsure(request: WorkspaceRequest) -> list[Message]:
    """Mails of ours that a person has to look after, oldest first."""
    mails = Message.objects.filter(may_not_have_gone(request.now), case__in=visible_cases(request.user))
    return list(mails.select_related("case").order_by("approved_at", "pk")[:AT_MOST])


def _by_mail(questions: list[MailDoubt]) -> list[dict[str, Any]]:
    mails: dict[int, dict[str, Any]] = {}
    for question in questions:
        entry = mails.setdefault(question.message_id, {"mail": question.message, "questions": []})
        entry["questions"].append(question)
    return list(mails.values())


def _chosen(mails: list[dict[str, Any]], asked: str) -> dict[str, Any] | None:
    def has_asked_mail(entry: dict[str, Any]) -> bool:
        mail: Message = entry["mail"]
        return str(mail.pk) == asked

    return next(filter(has_asked_mail, mails), mails[0] if mails else None)


def _without_doubt(row: Any) -> Any:
    """What stands still is what would come if the doubt were gone."""
    row.has_doubt = False
    return row

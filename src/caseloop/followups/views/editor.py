"""The email editor: a suggested draft to review, edit and send, or a mail of one's own (spec 6.4, 6.11)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from caseloop.accounts.access import WorkspaceRequest, page
from caseloop.accounts.toasts import toast
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Case
from caseloop.cases.views.lookup import WITH_ALL, case_or_404
from caseloop.cases.visibility import visible_cases
from caseloop.followups.approvals import UNDO, Edited, approve
from caseloop.followups.by_hand import Typed, send_by_hand
from caseloop.followups.card import heading
from caseloop.followups.errors import CustomerWroteMeanwhile, FollowUpError
from caseloop.followups.forms import EmailForm, NewEmailForm
from caseloop.followups.models import SuggestedAction
from caseloop.letters.errors import LetterError
from caseloop.mail.errors import MailError
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection
from caseloop.mail.opening import mark_opened
from caseloop.mail.threads import mailbox_for, thread_of

CONVERSATION = 6


@page
def suggested_email(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    """The draft of a suggestion. Sent from here it was reviewed; a follow-up is refused when the customer wrote."""
    action = get_object_or_404(_seen(request), pk=action_id)
    if action.message is None:
        return redirect("followups:new_mail", number=action.case.number)
    if request.method != "POST":
        form = EmailForm(initial=_as_it_is(action.message))
        return _editor(request, action.case, form, action=action, gone=_why_gone(action))
    form = EmailForm(request.POST)
    if not form.is_valid():
        return _editor(request, action.case, form, action=action, status=422)
    _open_what_was_shown(request, action.case)
    said = form.cleaned_data
    edited = Edited(to=said["to"], cc=said["cc"], subject=said["subject"], body=said["body"])
    try:
        approve(
            action.pk,
            actor=request.user,
            now=request.now,
            edited=edited if form.differs_from(action.message) else None,
            sets_status_reason=said["sets_status_reason"],
            undo_for=UNDO,
        )
    except CustomerWroteMeanwhile as crossing:
        return _editor(request, action.case, form, action=action, crossing=str(crossing), status=409)
    except (FollowUpError, MailError, LetterError) as error:
        form.add_error(None, str(error))
        return _editor(request, action.case, form, action=action, status=422)
    toast(request, "The mail is on its way.", undo=reverse("followups:withdrawal", args=[action.pk]))
    return redirect("cases:detail", number=action.case.number)


@page
def state_of_draft(request: WorkspaceRequest, action_id: int) -> HttpResponse:
    """204 while the draft may go out; else the notice that says what came between. Asked every 20 seconds."""
    action = get_object_or_404(_seen(request), pk=action_id)
    gone = _why_gone(action)
    if not gone:
        return HttpResponse(status=204)
    return render(request, "mail/parts/gone.html", {"case": action.case, "action": action, "gone": gone})


@page
def new_email(request: WorkspaceRequest, number: str) -> HttpResponse:
    """A mail by hand: a reply when the customer wrote last, else the next mail of ours."""
    case = case_or_404(request, number, *WITH_ALL)
    if request.method != "POST":
        return _editor(request, case, NewEmailForm(initial=_taken_back(request, case) or _blank(case)))
    form = NewEmailForm(request.POST)
    if not form.is_valid():
        return _editor(request, case, form, status=422)
    _open_what_was_shown(request, case)
    try:
        mail = send_by_hand(case, Typed(**form.cleaned_data), author=request.user, now=request.now, undo_for=UNDO)
    except (MailError, LetterError, CaseError) as error:
        form.add_error(None, str(error))
        return _editor(request, case, form, status=422)
    toast(request, "The mail is on its way.", undo=reverse("mail:withdrawal", args=[mail.pk]))
    return redirect("cases:detail", number=case.number)


def _editor(
    request: WorkspaceRequest,
    case: Case,
    form: EmailForm,
    *,
    action: SuggestedAction | None = None,
    crossing: str = "",
    gone: str = "",
    status: int = 200,
) -> HttpResponse:
    conversation = _conversation(case)
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "action": action,
        "heading": heading(action) if action else ("Reply" if case.last_inbound_at else "Email"),
        "crossing": crossing,
        "gone": gone,
        "sender": _sender(case),
        "conversation": conversation,
        "shown": ",".join(str(mail.pk) for mail in conversation if mail.direction == MessageDirection.IN),
        "language": (action.message.language if action and action.message else "")
        or (case.contact.language if case.contact else ""),
    }
    return render(request, "mail/editor.html", context, status=status)


def _open_what_was_shown(request: WorkspaceRequest, case: Case) -> None:
    """Whoever sends has read the conversation beside the editor; a mail that came in meanwhile stays unread."""
    shown = [int(pk) for pk in request.POST.get("shown", "").split(",") if pk.isdecimal() and len(pk) < 19]
    mails = Message.objects.filter(case=case, pk__in=shown, direction=MessageDirection.IN)
    mark_opened(mails.values_list("pk", flat=True), request.now)


def _seen(request: WorkspaceRequest) -> Any:
    rows = SuggestedAction.objects.filter(case__in=visible_cases(request.user))
    return rows.select_related("message", "answered_message", "enrolment", *(f"case__{name}" for name in WITH_ALL))


def _as_it_is(message: Message) -> dict[str, Any]:
    return {
        "to": ", ".join(message.to_addresses),
        "cc": ", ".join(message.cc_addresses),
        "subject": message.subject,
        "body": message.letter.get("body", message.text),
        "sets_status_reason": message.sets_status_reason_id,
    }


def _taken_back(request: WorkspaceRequest, case: Case) -> dict[str, Any]:
    """A mail of the reader's own that was taken back a moment ago, so that nothing typed is lost."""
    asked = request.GET.get("again", "")
    mails = Message.objects.filter(case=case, author=request.user, state__in=["draft", "discarded"])
    mail = mails.filter(pk=int(asked)).first() if asked.isdecimal() else None
    return _as_it_is(mail) | {"restarts_count": mail.restarts_count} if mail else {}


def _blank(case: Case) -> dict[str, Any]:
    recipients = thread_of(case).recipients
    title = case.last_inbound_subject or case.last_outbound_subject or case.title
    subject = title if title.lower().startswith("re:") or not case.last_inbound_at else f"Re: {title}"
    return {"to": ", ".join(recipients.to), "cc": ", ".join(recipients.cc), "subject": subject}


def _sender(case: Case) -> str:
    """The mailbox it goes out from, or an empty text when there is none."""
    try:
        mailbox = mailbox_for(case)
    except MailError:
        return ""
    return f"{mailbox.sender_name} <{mailbox.address}>" if mailbox.sender_name else mailbox.address


def _conversation(case: Case) -> list[Message]:
    mails = Message.objects.filter(case=case).exclude(state__in=["draft", "discarded"]).select_related("author")
    return list(mails.order_by("-occurred_at", "-pk")[:CONVERSATION])


def _why_gone(action: SuggestedAction) -> str:
    """Why this draft may not go out any more, or an empty text."""
    words = {
        "approved": "This mail is being sent already.",
        "done": "This mail was sent already.",
        "discarded": "This draft was discarded.",
        "skipped": "This follow-up was skipped.",
        "superseded": "Something changed on the case, and this draft has gone with it.",
    }
    return words.get(action.state, "")

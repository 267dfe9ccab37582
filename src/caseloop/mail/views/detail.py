"""One mail on a page: who, when, its words, where it went, and why it was sent (spec 6.5)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.returning import way_back
from caseloop.accounts.toasts import problem, toast
from caseloop.cases.models import Case
from caseloop.cases.visibility import visible_cases
from caseloop.mail import outgoing
from caseloop.mail.errors import MailError
from caseloop.mail.models import InboundMail, Message
from caseloop.mail.opening import mark_opened


@page
def mail_detail(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """The whole mail. A person who works on cases has opened it by looking at this page."""
    mail = mail_or_404(request, message_id, "case__contact", "mailbox", "author", "reading", "action__enrolment")
    if mail.direction == "in" and request.user.may_work:
        mark_opened([mail.pk], request.now)
    as_text = request.GET.get("as") == "text" or not mail.html
    context: dict[str, Any] = {
        "mail": mail,
        "case": mail.case,
        "as_text": as_text,
        "with_images": request.GET.get("images") == "1",
        "frame_size": _frame_size(mail.text),
        "delivery": _delivery(mail),
    }
    return render(request, "mail/detail.html", context)


@act
def opening(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """Marked as read without being opened here."""
    mail = mail_or_404(request, message_id, "case")
    mark_opened([mail.pk], request.now)
    toast(request, "Marked as read.")
    return HttpResponseRedirect(way_back(request, _home_of(mail)))


@act
def withdrawal(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """A mail that has not begun to go out is not sent; its words stand in the editor again."""
    mail = mail_or_404(request, message_id, "case")
    try:
        outgoing.withdraw(mail.pk, now=request.now)
    except MailError as error:
        problem(request, str(error))
        return HttpResponseRedirect(_home_of(mail))
    toast(request, "Taken back. Nothing was sent.")
    if mail.case is None:
        return HttpResponseRedirect(_home_of(mail))
    return HttpResponseRedirect(reverse("followups:new_mail", args=[mail.case.number]) + f"?again={mail.pk}")


@page
def original(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """The bytes as the mail server gave them, to be saved."""
    mail = mail_or_404(request, message_id)
    stored = InboundMail.objects.filter(message=mail).order_by("pk").first()
    if stored is None:
        raise Http404("no original of this mail")
    answer = HttpResponse(bytes(stored.raw), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="mail-{mail.pk}.eml"'
    return answer


def mail_or_404(request: WorkspaceRequest, message_id: int, *related: str) -> Message:
    """The mail, when its case or a case that it may concern is visible to the reader."""
    seen: Any = visible_cases(request.user)
    mails = Message.objects.filter(Q(case__in=seen) | Q(pk__in=_in_doubt(seen)))
    return get_object_or_404(mails.select_related(*related) if related else mails, pk=message_id)


def _in_doubt(seen: Any) -> Any:
    return Message.objects.filter(doubts__case__in=seen).values("pk")


def _frame_size(text: str) -> str:
    """How high the frame stands: a sandboxed frame can't say its own height."""
    lines = sum(1 + len(line) // 90 for line in text.splitlines())
    return "short" if lines <= 8 else "middle" if lines <= 24 else ""


def _home_of(mail: Message) -> str:
    case: Case | None = mail.case
    return reverse("cases:detail", args=[case.number]) if case else reverse("cases:list")


def _delivery(mail: Message) -> list[tuple[str, str, Any]]:
    """What became of a mail of ours: a mark, words, a time."""
    if mail.direction != "out":
        return []
    steps: list[tuple[str, str, Any]] = []
    if mail.approved_at:
        steps.append(("check", f"approved by {mail.author or 'somebody'}", mail.approved_at))
    match mail.state:
        case "approved":
            steps.append(("clock", "goes out", mail.not_before))
        case "sending":
            steps.append(("clock", "is being handed over", mail.claimed_at))
        case "sent":
            steps.append(("check", "accepted by the mail server", mail.sent_at))
            if not mail.bounce:
                steps.append(("clock", "no bounce so far", None))
        case "refused":
            steps.append(("x", f"refused: {mail.server_reply}", None))
        case "unconfirmed":
            steps.append(("question", "not sure that it went out; it is not sent again by itself", mail.claimed_at))
    steps += [("x", f"not taken for {address}: {said}", None) for address, said in mail.refused_recipients.items()]
    if mail.bounce:
        steps.append(("x", f"bounced: {mail.get_bounce_display().lower()}", mail.bounced_at))
    return steps

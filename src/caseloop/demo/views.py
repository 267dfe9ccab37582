"""The customer's mailbox: read mails as the customer, answer them, and let days pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from smtplib import SMTPException
from typing import Any, ParamSpec, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.toasts import problem, toast
from caseloop.demo.answering import KINDS, Answered, answer_as, words_for
from caseloop.demo.cast import Customer, the_cast
from caseloop.demo.inbox import InboxMail, NoMailSystem, mails_of, mark_read, unread_of
from caseloop.demo.models import DemoState, Phase
from caseloop.demo.our_side import OurSide, our_side
from caseloop.demo.quiet import next_due

P = ParamSpec("P")
DAY = timedelta(days=1)
JUST_AFTER = timedelta(minutes=1)
FRAMED: dict[str, Any] = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups"],
}


def in_demo(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Nobody writes as a customer outside the demo: there these pages do not exist."""

    @wraps(view)
    def opened(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not settings.IS_DEMO:
            raise Http404
        return view(*args, **kwargs)

    return cast("Callable[P, HttpResponseBase]", never_cache(opened))


@in_demo
@page
def mailbox(request: WorkspaceRequest, address: str = "") -> HttpResponse:
    """The whole page: inbox, our side, the answer form, and the mail that is open."""
    customer = _customer(address)
    try:
        shown = _shown(request, customer, opens=True)
    except NoMailSystem as error:
        return render(request, "demo/mailbox.html", {"customer": customer, "problem": str(error)}, status=503)
    return render(request, "demo/mailbox.html", shown)


@in_demo
@page
def news(request: WorkspaceRequest, address: str) -> HttpResponse:
    """204 while nothing changed; else what stands beside the mail, anew."""
    try:
        shown = _shown(request, _customer(address), opens=False)
    except NoMailSystem:
        return HttpResponse(status=204)
    if shown["mark"] == request.GET.get("mark"):
        return HttpResponse(status=204)
    return render(request, "demo/parts/news.html", shown)


@in_demo
@page
def words_to_send(request: WorkspaceRequest, address: str) -> HttpResponse:
    """The text field with what a customer of that mood would write."""
    customer = _customer(address)
    text = words_for(customer, request.GET.get("as", ""), request.now)
    return render(request, "demo/parts/words.html", {"text": text, "customer": customer})


@in_demo
@act
def answers(request: WorkspaceRequest, address: str) -> HttpResponse:
    """Send an answer as the customer, through the mail server of the demo."""
    customer = _customer(address)
    state = DemoState.current()
    try:
        mails = mails_of(customer, state)
        open_mail = _open_mail(mails, request.POST.get("mail", ""))
        kind, text = request.POST.get("as", "own"), request.POST.get("text", "")
        sent = answer_as(customer, open_mail, mails, kind, text, state.smtp_port, request.now)
    except NoMailSystem as error:
        problem(request, str(error))
    except (OSError, SMTPException) as error:
        problem(request, f"The mail server of the demo did not take it: {error}")
    else:
        _say_what_was_sent(request, customer, sent)
    return HttpResponseRedirect(reverse("demo:mailbox_of", args=[customer.address]))


@in_demo
def body(request: HttpRequest, address: str, key: str) -> HttpResponse:
    """The HTML of one mail as the customer's mail program shows it: its own policy, a sandbox, no scripts."""
    framed = cast("Callable[..., HttpResponse]", csp(FRAMED)(cast(Any, _body)))
    return framed(request, address, key)


@page
def _body(request: WorkspaceRequest, address: str, key: str) -> HttpResponse:
    customer = _customer(address)
    try:
        mail = next((each for each in mails_of(customer, DemoState.current()) if each.key == key), None)
    except NoMailSystem as error:
        raise Http404(str(error)) from error
    if mail is None:
        raise Http404
    return HttpResponse(mail.content.html)


@in_demo
@act
def clock(request: WorkspaceRequest) -> HttpResponse:
    """Pause, go on, or hurry to the next step or day; the process that moves the clock obeys."""
    state = DemoState.current()
    match request.POST.get("do", ""):
        case "pause":
            state.is_paused, state.target_at = True, None
        case "go_on":
            state.is_paused = False
        case "next_day":
            state.target_at = request.now + DAY
        case "next_step":
            customer = the_cast().customer(request.POST.get("customer", ""))
            side = our_side(customer, request.user, request.now) if customer else None
            state.target_at = _next_step(side, request.now) or request.now + DAY
    state.save(update_fields=["is_paused", "target_at"])
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(back if is_ours else reverse("demo:mailbox"))


def _shown(request: WorkspaceRequest, customer: Customer, *, opens: bool) -> dict[str, Any]:
    state = DemoState.current()
    mails = mails_of(customer, state)
    wanted = request.GET.get("mail", "")
    open_mail = _open_mail(mails, wanted)
    if opens and open_mail is not None and open_mail.is_unread:
        mark_read(customer, open_mail, state)
        mails = mails_of(customer, state)
        open_mail = _open_mail(mails, open_mail.key)
    side = our_side(customer, request.user, request.now)
    shown = {
        "customer": customer,
        "state": state,
        "is_moving": state.target_at is not None and state.target_at > request.now,
        "is_playing": state.phase == Phase.PLAYING,
        "mails": mails,
        "open": open_mail,
        "view": _view(request, open_mail),
        "headers": _headers(open_mail),
        "side": side,
        "next_step": _next_step(side, request.now),
        "others": _others(state),
        "kinds": KINDS,
        "text": words_for(customer, "thanks", request.now),
    }
    shown["mark"] = _mark(shown, request)
    return shown


def _customer(address: str) -> Customer:
    if not address:
        return the_cast().yours if DemoState.current().phase == Phase.BY_HAND else the_cast().customers[0]
    found = the_cast().customer(address)
    if found is None:
        raise Http404
    return found


def _open_mail(mails: list[InboxMail], key: str) -> InboxMail | None:
    """The mail that was asked for, else the newest one that came in, else the newest."""
    received = [mail for mail in mails if not mail.is_own]
    chosen = next((mail for mail in mails if mail.key == key), None)
    return chosen or next(iter(received), None) or next(iter(mails), None)


def _view(request: WorkspaceRequest, mail: InboxMail | None) -> str:
    wanted = request.GET.get("as", "html")
    if wanted in ("text", "headers"):
        return wanted
    return "html" if mail is not None and mail.content.html else "text"


def _headers(mail: InboxMail | None) -> str:
    if mail is None:
        return ""
    head = mail.content.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return head.decode("utf-8", "replace")


def _next_step(side: OurSide | None, now: datetime) -> datetime | None:
    """When something happens next for this case, else for any."""
    planned = side.plan.at if side is not None and side.plan is not None else None
    due = planned if planned is not None and planned > now else next_due(now)
    return due + JUST_AFTER if due is not None else None


def _others(state: DemoState) -> list[tuple[Customer, int, int]]:
    """Everybody who has had mail, with how many mails came in and how many are unread."""
    counts = unread_of(the_cast().all_customers, state)
    return [(each, *counts[each.address]) for each in the_cast().all_customers if counts[each.address][0]]


def _mark(shown: dict[str, Any], request: WorkspaceRequest) -> str:
    """Changes whenever something that `news` shows has changed."""
    state, side = shown["state"], shown["side"]
    told = [
        [(mail.key, mail.is_unread) for mail in shown["mails"]],
        [(each.address, *counts) for each, *counts in shown["others"]],
        side.mark() if side is not None else None,
        (state.phase, state.is_paused, shown["is_moving"], shown["next_step"]),
        request.now.replace(second=0, microsecond=0),
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _say_what_was_sent(request: WorkspaceRequest, customer: Customer, sent: Answered) -> None:
    match sent:
        case Answered.BY_HAND:
            toast(request, f"Sent as {customer.first_name}. In a moment it is read on our side.")
        case Answered.AUTOMATICALLY:
            toast(request, f"{customer.first_name}’s mail server answered for {customer.first_name}.")
        case Answered.NOTHING_TO_ANSWER:
            problem(request, f"{customer.first_name} has got no mail yet that could be answered.")
        case Answered.EMPTY:
            problem(request, "Write some words first.")

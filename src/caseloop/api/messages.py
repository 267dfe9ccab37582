"""Mails of a case: reading them, writing one, taking it back, and what a person says about them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from ninja import Query
from pydantic import Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.lookup import case_of, message_in_reach, message_of, reason_for
from caseloop.api.message_words import MessageAlone, MessageSaid, alone, said
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import Refused
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Flag, Id, Input
from caseloop.domain.facts import Label
from caseloop.domain.lifecycle import MessageState
from caseloop.followups import approvals
from caseloop.followups.by_hand import Typed, send_by_hand
from caseloop.followups.models import SuggestedAction
from caseloop.mail import outgoing
from caseloop.mail.models import Message
from caseloop.mail.opening import mark_opened
from caseloop.mail.settling import found_sent, settle_not_sent

routes = Routes("Mail")
LONGEST_UNDO = 600
NOT_YET_WRITTEN = (MessageState.DRAFT.value, MessageState.DISCARDED.value)


class MessageFilters(Paging):
    pass


class MailInput(Input):
    to: list[str] = Field(min_length=1, max_length=50, description="Mail addresses.")
    cc: list[str] = Field(default_factory=list, max_length=50, description="Mail addresses.")
    subject: str = Field(
        default="", max_length=900, description="The subject; the case's number is added where it is missing."
    )
    body: str = Field(min_length=1, max_length=100_000, description="The text, without greeting card or signature.")
    language: str = Field(default="", max_length=8, description="Its language, like de; empty is the contact's.")
    sets_status_reason_id: Id | None = Field(
        default=None, description="The status reason that sending it sets, in one act."
    )
    restarts_count: Flag = Field(default=False, description="Whether a running series counts from the start again.")
    undo_seconds: int = Field(
        default=10, strict=True, ge=0, le=LONGEST_UNDO, description="Seconds in which it can be withdrawn, 0 to 600."
    )


class ReadingInput(Input):
    label: Label = Field(description="What the mail really says.")


class SettlementInput(Input):
    was_sent: Flag = Field(description="true: the customer got it. false: it was not sent; nobody sends it again.")


@routes.get("/cases/{number}/messages", PageOf[MessageSaid], Scope.MAIL_READ)
def list_messages(request: WorkspaceRequest, number: str, filters: Query[MessageFilters]) -> PageOf[MessageSaid]:
    """List the mails of a case. The latest comes first; drafts stand at their suggested action."""
    rows = Message.objects.filter(case=case_of(request, number)).exclude(state__in=NOT_YET_WRITTEN)
    rows = rows.select_related("case", "author", "reading__corrected_by", "sets_status_reason")
    return page_of(rows.order_by("-occurred_at", "-pk"), filters, said)


@routes.post("/cases/{number}/messages", MessageAlone, Scope.MAIL_WRITE, status=201)
def send_mail(request: WorkspaceRequest, number: str, mail: MailInput) -> MessageAlone:
    """Send a mail in your name. It follows the last mail of the case and quotes it; it counts as a mail of a person."""
    chosen = mail.sets_status_reason_id
    typed = Typed(
        to=tuple(mail.to),
        cc=tuple(mail.cc),
        subject=mail.subject,
        body=mail.body,
        language=mail.language,
        sets_status_reason=reason_for(chosen, "sets_status_reason_id") if chosen else None,
        restarts_count=mail.restarts_count,
    )
    case = case_of(request, number)
    undo_for = timedelta(seconds=mail.undo_seconds)
    return alone(send_by_hand(case, typed, author=request.user, now=request.now, undo_for=undo_for))


@routes.get("/messages/{int:message_id}", MessageAlone, Scope.MAIL_READ)
def get_message(request: WorkspaceRequest, message_id: int) -> MessageAlone:
    """Get one mail. It stays unread until somebody says that they opened it."""
    message, shows_case = message_in_reach(request, message_id)
    return alone(message, shows_case=shows_case)


@routes.post("/messages/{int:message_id}/opening", MessageAlone, Scope.CASES_WRITE)
def open_message(request: WorkspaceRequest, message_id: int) -> MessageAlone:
    """Say that a person has opened a mail. It is not unread any more."""
    mark_opened([message_in_reach(request, message_id)[0].pk], request.now)
    return get_message(request, message_id)


@routes.post("/messages/{int:message_id}/withdrawal", MessageAlone, Scope.MAIL_WRITE)
def withdraw_message(request: WorkspaceRequest, message_id: int) -> MessageAlone:
    """Take a mail back that has not begun to go out. One by hand is discarded; a suggested one is a draft again."""
    message = message_of(request, message_id)
    action = SuggestedAction.objects.filter(message=message).first()
    if action is not None:
        approvals.take_back(action.pk, actor=request.user, now=request.now)
    else:
        with transaction.atomic():
            outgoing.take_back(message.pk, now=request.now)
            outgoing.discard(message.pk, now=request.now)
    return alone(message_of(request, message_id))


@routes.post("/messages/{int:message_id}/settlement", MessageAlone, Scope.MAIL_WRITE)
def settle_message(request: WorkspaceRequest, message_id: int, settlement: SettlementInput) -> MessageAlone:
    """Say whether an unconfirmed mail was sent. It is never sent again by itself."""
    message = message_of(request, message_id)
    settle = found_sent if settlement.was_sent else settle_not_sent
    if not settle([message.pk], request.now):
        raise Refused(409, "illegal_move", "This mail is not in doubt, so there is nothing to settle.")
    return alone(message_of(request, message_id))


@routes.put("/messages/{int:message_id}/reading", MessageAlone, Scope.MAIL_WRITE)
def correct_reading(request: WorkspaceRequest, message_id: int, reading: ReadingInput) -> MessageAlone:
    """Correct what a mail was read as. The plan of its case is made anew."""
    message = message_of(request, message_id)
    approvals.correct_reading(message.pk, reading.label, actor=request.user, now=request.now)
    return alone(message_of(request, message_id))

"""Writing mail: what people do with a mail before it is claimed for sending. Each verb is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from caseloop.accounts.models import User
from caseloop.cases.changes import locked
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, ContactAddress, StatusReason
from caseloop.domain.lifecycle import MESSAGE, MessageEvent, MessageState, move
from caseloop.mail.addresses import is_mail_address
from caseloop.mail.compose import new_message_id
from caseloop.mail.errors import MailError, TooLate
from caseloop.mail.models import Mailbox, Message, Participant
from caseloop.mail.models.message import MessageDirection, Origin
from caseloop.mail.threads import mailbox_for, thread_of

UNDO_FOR = timedelta(seconds=10)
RECIPIENTS_AT_MOST = 50
INTERNAL = "internal"
"""The purpose of a mail to third parties only: it is none of *our mails*, so no silence counts from it (spec 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says and to whom. The case's number is put into the subject where it is missing.

    `source` says which template or writer, and why; `promises` is the promise of ours that somebody found in the text.
    """

    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    language: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    promises: str = ""
    closes_on: date | None = None
    restarts_count: bool = False
    sets_status_reason: StatusReason | None = None


@transaction.atomic
def write_mail(
    case_id: int,
    letter: Letter,
    *,
    author: User,
    now: datetime,
    origin: str = "person",
    not_before: datetime | None = None,
    mailbox: Mailbox | None = None,
) -> Message:
    """A mail that goes out as soon as it may: at once, or at `not_before` (now + `UNDO_FOR` to allow an undo).

    Raises `MailError` for a recipient that is none, no text, or no mailbox to send from.
    """
    message = _new(locked(case_id), letter, author, origin, now, mailbox)
    _check_complete(message)
    message.state = MessageState.APPROVED.value
    message.approved_at, message.not_before = now, not_before or now
    message.save()
    mark([case_id], now)
    return message


@transaction.atomic
def save_draft(
    case_id: int,
    letter: Letter,
    *,
    author: User,
    now: datetime,
    origin: str = "person",
    draft_id: int | None = None,
) -> Message:
    """A new draft, or the present text of the draft `draft_id`; it may be unfinished, but its addresses must be some.

    Raises `TooLate` when `draft_id` is no draft any more.
    """
    case = locked(case_id)
    if draft_id is None:
        message = _new(case, letter, author, origin, now, None)
    else:
        message = _locked_message(draft_id, MessageState.DRAFT)
        _fill(message, case, letter)
        message.author, message.occurred_at = author, now
    message.save()
    mark([case_id], now)
    return message


@transaction.atomic
def approve(message_id: int, *, author: User, now: datetime, not_before: datetime | None = None) -> Message:
    """A draft goes out; its approver is its author. Raises `TooLate` when it is no draft any more."""
    message = _in_case_order(message_id)
    _check_complete(message)
    message.state = _moved(message, MessageEvent.APPROVE)
    message.author = author
    message.approved_at, message.not_before, message.occurred_at = now, not_before or now, now
    message.save(update_fields=["state", "author", "approved_at", "not_before", "occurred_at"])
    _mark(message, now)
    return message


@transaction.atomic
def take_back(message_id: int, *, now: datetime) -> Message:
    """An approved mail is a draft again; raises `TooLate` when it is on its way."""
    message = _in_case_order(message_id)
    message.state = _moved(message, MessageEvent.TAKE_BACK)
    message.approved_at = message.not_before = None
    message.save(update_fields=["state", "approved_at", "not_before"])
    _mark(message, now)
    return message


@transaction.atomic
def discard(message_id: int, *, now: datetime) -> Message:
    """A draft or approved mail is never sent; raises `TooLate` when it is on its way."""
    message = _in_case_order(message_id)
    message.state = _moved(message, MessageEvent.DISCARD)
    message.save(update_fields=["state"])
    _mark(message, now)
    return message


@transaction.atomic
def withdraw(message_id: int, *, now: datetime) -> Message:
    """A mail by hand that waits to go out is never sent. Raises `TooLate` when it is on its way, `MailError` for one
    that was suggested: its suggestion is taken back instead."""
    message = _in_case_order(message_id)
    if getattr(message, "action", None) is not None:
        raise MailError("This mail was suggested on its case. Take the suggestion back there.")
    message.state = _moved(message, MessageEvent.DISCARD)
    message.approved_at = message.not_before = None
    message.save(update_fields=["state", "approved_at", "not_before"])
    _mark(message, now)
    return message


def subject_with_number(subject: str, number: str) -> str:
    """The subject with the case's number in brackets, on one line and within 900 characters (spec 4.2)."""
    line = " ".join(subject.split())[:900]
    return line if number in line.upper() else f"{line} [{number}]".strip()


def _new(case: Case, letter: Letter, author: User, origin: str, now: datetime, mailbox: Mailbox | None) -> Message:
    mailbox = mailbox or mailbox_for(case)
    thread = thread_of(case)
    message = Message(
        case=case,
        mailbox=mailbox,
        direction=MessageDirection.OUT,
        state=MessageState.DRAFT.value,
        origin=Origin(origin),
        author=author,
        message_id=new_message_id(mailbox.address.rpartition("@")[2]),
        in_reply_to=thread.in_reply_to,
        references=list(thread.references),
        from_address=mailbox.address,
        from_name=mailbox.sender_name,
        occurred_at=now,
    )
    _fill(message, case, letter)
    return message


def _fill(message: Message, case: Case, letter: Letter) -> None:
    message.to_addresses = clean_addresses(letter.to)
    message.cc_addresses = [address for address in clean_addresses(letter.cc) if address not in message.to_addresses]
    everyone = [*message.to_addresses, *message.cc_addresses]
    message.subject = subject_with_number(letter.subject or case.title, case.number)
    message.text, message.html, message.language = letter.text, letter.html, letter.language[:8]
    message.letter = {**letter.source, **({} if reaches_customer(case, everyone) else {"purpose": INTERNAL})}
    message.promises, message.closes_on = letter.promises[:300], letter.closes_on
    message.restarts_count, message.sets_status_reason = letter.restarts_count, letter.sets_status_reason
    check_addresses(everyone)


def clean_addresses(addresses: Sequence[str]) -> list[str]:
    """The addresses in lower case, each once."""
    return list(dict.fromkeys(address.strip().lower() for address in addresses if address.strip()))


def _check_complete(message: Message) -> None:
    if not message.to_addresses:
        raise MailError("A mail needs a recipient.")
    if not message.text.strip():
        raise MailError("A mail needs some text.")


def check_addresses(addresses: Sequence[str]) -> None:
    """Raises `MailError` for one that is none, and for too many."""
    for address in addresses:
        if not is_mail_address(address):
            raise MailError(f"“{address}” is not a mail address.")
    if len(addresses) > RECIPIENTS_AT_MOST:
        raise MailError(f"A mail can go to at most {RECIPIENTS_AT_MOST} addresses.")


def reaches_customer(case: Case, addresses: Sequence[str]) -> bool:
    """Whether anybody of the customer's side gets it; the first mail of a case without any people always does."""
    known = set(ContactAddress.objects.filter(contact_id=case.contact_id or 0).values_list("address", flat=True))
    known |= set(Participant.objects.filter(case=case).values_list("address", flat=True))
    return not known or not addresses or bool(known & set(addresses))


def _in_case_order(message_id: int) -> Message:
    """The mail, locked after its case, in the order in which everybody locks them."""
    case_id = Message.objects.filter(pk=message_id).values_list("case_id", flat=True).first()
    if case_id is not None:
        locked(case_id)
    return _locked_message(message_id)


def _locked_message(message_id: int, state: MessageState | None = None) -> Message:
    message = Message.objects.select_for_update().filter(pk=message_id, direction=MessageDirection.OUT).first()
    if message is None:
        raise MailError("There is no such mail.")
    if state is not None and message.state != state:
        raise TooLate(f"This mail is {message.state} already; it cannot be changed.")
    return message


def _moved(message: Message, event: MessageEvent) -> str:
    state = MessageState(message.state)
    if event not in MESSAGE[state]:
        raise TooLate(f"This mail is {state} already; it is too late for that.")
    return move(MESSAGE, state, event).value


def _mark(message: Message, now: datetime) -> None:
    if message.case_id is not None:
        mark([message.case_id], now)

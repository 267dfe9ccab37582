"""What becomes of a mail once its case is known: its row, its line in the timeline, the doubts, the mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from caseloop.cases.activities import record
from caseloop.cases.changes import NewCase, create_case
from caseloop.cases.mail_columns import mail_came_in
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, Contact, ContactAddress, Queue
from caseloop.cases.models.activity import ActivityKind, Direction
from caseloop.mail import participants
from caseloop.mail.bounced import mark_undelivered
from caseloop.mail.matching import Match
from caseloop.mail.models import Mailbox, MailDoubt, Message
from caseloop.mail.models.message import InboundKind, MessageDirection
from caseloop.mail.understand import Understood

ANSWERS = (InboundKind.HUMAN, InboundKind.UNREADABLE)
NEW_CASE = "new case"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Which mailbox a mail came to, and when we fetched it."""

    mailbox: Mailbox
    at: datetime


def file_mail(mail: Understood, found: Match, arrival: Arrival, *, opens_cases: bool, now: datetime) -> Message:
    """Write down one mail with all its effects, in the caller's transaction, which holds the cases it touches."""
    case = Case.objects.get(pk=found.case_id) if found.case_id else None
    how, is_trusted = found.how, found.is_trusted
    if case is None and found.opens_case and opens_cases:
        case, how, is_trusted = _open_case(mail, arrival, now), NEW_CASE, not mail.arrived.fails_dmarc
    message = _store(mail, case, how, is_trusted, arrival)
    if case is not None:
        _remember_people(mail, case, is_trusted, arrival)
        _show_on_case(mail, case, message, arrival)
    touched = [case.pk] if case else []
    if mail.kind is InboundKind.UNDELIVERABLE:
        touched += mark_undelivered(mail, message, now)
    touched += _doubt(found, message, now)
    mark(touched, now)
    return message


def _open_case(mail: Understood, arrival: Arrival, now: datetime) -> Case:
    """An unmatched mail of a person is a new problem (spec 4.4)."""
    queue = arrival.mailbox.queues.first() or Queue.objects.order_by("pk").first()
    assert queue is not None, "a queue is shipped, and the last one cannot be deleted"
    title = mail.subject.strip() or next((line.strip() for line in mail.new_text.splitlines() if line.strip()), "")
    new = NewCase(
        title=title or "(without subject)",
        queue=queue,
        contact=_contact(mail),
        description=mail.new_text[:20_000],
        origin="email",
    )
    return create_case(new, actor=None, now=now)


def _contact(mail: Understood) -> Contact | None:
    """The contact with the sender's address, made when there is none; without an address there is none to make."""
    address = mail.from_address.lower()
    if not address or len(address) > 254:
        return None
    known = ContactAddress.objects.select_related("contact").filter(address=address).first()
    if known is None:
        try:
            with transaction.atomic():
                contact = Contact.objects.create(name=mail.from_name[:200] or address[:200], language=mail.language)
                return ContactAddress.objects.create(contact=contact, address=address, is_primary=True).contact
        except IntegrityError:  # another mail of the same sender was a moment faster
            known = ContactAddress.objects.select_related("contact").get(address=address)
    return known.contact


def _store(mail: Understood, case: Case | None, how: str, is_trusted: bool, arrival: Arrival) -> Message:
    return Message.objects.create(
        case=case,
        mailbox=arrival.mailbox,
        direction=MessageDirection.IN,
        message_id=mail.message_id,
        in_reply_to=next(iter(mail.arrived.in_reply_to), "")[:998],
        references=[reference[:998] for reference in mail.arrived.references[-50:]],
        from_address=mail.from_address,
        from_name=mail.from_name,
        to_addresses=list(mail.to),
        cc_addresses=list(mail.cc),
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        language=mail.language,
        occurred_at=arrival.at,
        kind=mail.kind,
        automatic_kind=mail.automatic_kind,
        new_text=mail.new_text,
        resume_on=mail.resume_on,
        is_trusted=is_trusted,
        match=how,
    )


def _remember_people(mail: Understood, case: Case, is_trusted: bool, arrival: Arrival) -> None:
    """Who wrote and who got a copy; a stranger's copies are not believed, nor is a machine's sender a person."""
    if mail.kind not in ANSWERS:
        return
    ours = {arrival.mailbox.address}
    participants.remember([(case.pk, mail.from_address)], is_trusted=is_trusted)
    if is_trusted:
        others = {*mail.to, *mail.cc} - ours
        participants.remember([(case.pk, address) for address in others], is_trusted=True)


def _show_on_case(mail: Understood, case: Case, message: Message, arrival: Arrival) -> None:
    who = mail.from_name or mail.from_address or "Somebody"
    said = {
        InboundKind.HUMAN: f"{who} wrote",
        InboundKind.AUTOMATIC: f"Automatic reply of {who}",
        InboundKind.UNDELIVERABLE: f"Could not be delivered: {', '.join(mail.arrived.failed_recipients) or 'our mail'}",
        InboundKind.UNREADABLE: f"{who} sent a mail that could not be read",
        InboundKind.OTHER: f"Mail of {who}",
    }[mail.kind]
    message.activity = record(
        case, ActivityKind.EMAIL, said, actor=None, now=arrival.at, body=mail.subject, direction=Direction.IN
    )
    message.save(update_fields=["activity"])
    mail_came_in(case.pk, kind=mail.kind, subject=mail.subject, at=arrival.at, is_answer=mail.kind in ANSWERS)


def _doubt(found: Match, message: Message, now: datetime) -> list[int]:
    rows = [
        MailDoubt(message=message, case_id=doubt.case_id, reason=doubt.reason[:300], asked_at=now)
        for doubt in found.doubts
    ]
    MailDoubt.objects.bulk_create(rows, ignore_conflicts=True)
    return [row.case_id for row in rows]

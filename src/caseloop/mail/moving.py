"""How does a mail that was filed to the wrong case come to the right one? (spec 3.14, 6.9)"""

from __future__ import annotations

from datetime import datetime

from caseloop.cases.activities import record_change
from caseloop.cases.mail_columns import recount
from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case, ContactAddress
from caseloop.mail import participants
from caseloop.mail.models import Message, Participant
from caseloop.mail.models.message import InboundKind, MessageDirection

MOVED = "moved by a person"


def move_mail(message: Message, target: Case, now: datetime) -> int | None:
    """The inbound mail with its line in the timeline belongs to `target` from now on; later answers follow it.

    Both cases look as if it had come in there: their mail columns are worked out anew, and both are looked at. Moving
    adds no trust: its sender is believed on `target` only if they were believed before and are known there too. Returns
    the case it left, if it had one. The caller holds both cases' locks.
    """
    assert message.direction == MessageDirection.IN
    left = message.case_id
    if left == target.pk:
        return None
    message.case, message.match = target, MOVED
    message.is_trusted = message.is_trusted and _is_known(message.from_address.lower(), target)
    message.save(update_fields=["case", "match", "is_trusted"])
    Activity.objects.filter(message__pk=message.pk).update(case=target)
    if message.kind in (InboundKind.HUMAN, InboundKind.UNREADABLE):
        participants.remember([(target.pk, message.from_address)], is_trusted=message.is_trusted)
    touched = [target.pk, *([left] if left else [])]
    recount(touched)
    if left is not None:
        old = Case.objects.get(pk=left)
        record_change(old, f"A mail was moved to {target.number}", actor=None, now=now, body=message.subject)
    mark(touched, now)
    return left


def _is_known(address: str, case: Case) -> bool:
    is_contact = ContactAddress.objects.filter(contact_id=case.contact_id or 0, address=address).exists()
    return is_contact or Participant.objects.filter(case=case, address=address, is_trusted=True).exists()

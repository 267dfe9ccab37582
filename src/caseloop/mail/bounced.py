"""What does it change that a mail of ours came back? (spec 3.8)"""

from __future__ import annotations

from datetime import datetime

from caseloop.cases.models import ContactAddress
from caseloop.mail.models import Message
from caseloop.mail.models.message import Bounce, MessageDirection
from caseloop.mail.understand import Understood

GRAVITY = {"": 0, Bounce.TEMPORARY: 1, Bounce.REFUSED: 2, Bounce.GONE: 3, Bounce.PERMANENT: 4}


def mark_undelivered(mail: Understood, notice: Message, now: datetime) -> list[int]:
    """Mark the mail that came back, and for a permanent failure the address; returns the cases to look at.

    Only a notice that returns a Message-ID of ours marks anything: one that anybody could have made up puts its cases
    in doubt and no more.
    """
    returned = _returned(mail)
    if returned is None or mail.bounce is None:
        return []
    failed = _failed(mail, returned)
    if _concerns_the_customer(failed, returned) and GRAVITY[mail.bounce] > GRAVITY[returned.bounce]:
        Message.objects.filter(pk=returned.pk).update(bounce=mail.bounce, bounced_at=notice.occurred_at)
    else:
        copies = dict.fromkeys(failed, mail.subject[:300])
        Message.objects.filter(pk=returned.pk).update(refused_recipients={**returned.refused_recipients, **copies})
    if mail.bounce is Bounce.PERMANENT:
        ContactAddress.objects.filter(address__in=failed, undeliverable_since=None).update(
            undeliverable_since=now, undeliverable_reason=mail.new_text.strip()[:300] or mail.subject[:300]
        )
    return [returned.case_id] if returned.case_id else []


def _returned(mail: Understood) -> Message | None:
    """The mail of ours that came back: by the Message-ID it quotes, else by the signed address it was sent back to."""
    ours = Message.objects.select_for_update().filter(direction=MessageDirection.OUT)
    by_id = ours.filter(message_id=mail.arrived.returned_message_id).exclude(message_id="").first()
    return by_id or ours.filter(pk=mail.arrived.signed_message or 0).first()


def _failed(mail: Understood, returned: Message) -> list[str]:
    """The addresses that failed, as we wrote them: a server that forwards names others, then it is whom we wrote to."""
    recipients = [address.lower() for address in (*returned.to_addresses, *returned.cc_addresses)]
    named = [address for address in mail.arrived.failed_recipients if address in recipients]
    if named:
        return named
    return recipients if len(recipients) == 1 else []


def _concerns_the_customer(failed: list[str], returned: Message) -> bool:
    """Whether somebody it was written *to* did not get it; one who was only in copy doesn't make a customer silent."""
    written_to = {address.lower() for address in returned.to_addresses}
    return not failed or bool(written_to & set(failed))

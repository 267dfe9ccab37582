"""Is the way in alive? A mail to ourselves, sent when nothing came from outside lately (spec 3.3 d, 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from caseloop.administration.models import GlobalSettings
from caseloop.domain.silence import ARRIVAL_AT_MOST
from caseloop.mail.addresses import Address
from caseloop.mail.compose import OutgoingMail, compose, new_message_id
from caseloop.mail.hand_over import Accepted
from caseloop.mail.models import Mailbox
from caseloop.mail.send import WayOut

PROBE_EVERY = timedelta(hours=1)


def is_alive(mailbox: Mailbox, now: datetime) -> bool:
    """Whether mail from outside, or a probe of ours, arrived lately enough to prove silence."""
    return mailbox.last_arrival_at is not None and mailbox.last_arrival_at >= now - ARRIVAL_AT_MOST


def is_probe_due(mailbox: Mailbox, now: datetime) -> bool:
    """Whether somebody waits for proof, nothing arrived lately, and no probe is on its way."""
    if mailbox.read_wanted_at is None or is_alive(mailbox, now):
        return False
    return mailbox.probe_sent_at is None or mailbox.probe_sent_at <= now - PROBE_EVERY


def send_probe(mailbox: Mailbox, connect: Callable[[Mailbox], WayOut], now: datetime) -> str:
    """Send one mail from the mailbox to itself; returns what went wrong, or an empty text.

    Its Message-ID is written down first, so that it is known when it comes back.
    """
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    Mailbox.objects.filter(pk=mailbox.pk).update(probe_message_id=message_id, probe_sent_at=now, probe_folder="")
    ourselves = Address(mailbox.address, mailbox.sender_name or GlobalSettings.current().sender_name)
    raw = compose(
        OutgoingMail(
            message_id=message_id,
            date=now,
            sender=ourselves,
            to=[ourselves],
            subject="Caseloop checks that mail arrives here",
            text="This mail checks that the mailbox receives mail. It needs no answer and can be deleted.\n",
            is_automatic=True,
        )
    )
    way_out = connect(mailbox)
    try:
        outcome = way_out.hand_over(mailbox.address, [mailbox.address], raw)
    finally:
        way_out.close()
    if isinstance(outcome, Accepted):
        return ""
    said = getattr(outcome, "text", None) or getattr(outcome, "why", "")
    return f"A mail to ourselves could not be sent: {said}"

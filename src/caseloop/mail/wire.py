"""Which bytes and which envelope does a mail of the database become?"""

from __future__ import annotations

from datetime import datetime

from caseloop.administration.models import GlobalSettings
from caseloop.mail.addresses import Address
from caseloop.mail.compose import OutgoingMail, compose
from caseloop.mail.due import DueMail
from caseloop.mail.models import Mailbox
from caseloop.mail.models.message import Origin
from caseloop.mail.signed import signed_address


def raw_mail(mail: DueMail, envelope_from: str, mailbox: Mailbox, settings: GlobalSettings, at: datetime) -> bytes:
    """The mail as it goes out at `at`. Raises `ValueError` when it holds what no mail can, such as a broken address."""
    name = mailbox.sender_name or settings.sender_name
    return compose(
        OutgoingMail(
            message_id=mail.message_id,
            date=at,
            sender=Address(mailbox.address, name),
            to=[Address(address) for address in mail.to_addresses],
            cc=[Address(address) for address in mail.cc_addresses],
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            reply_to=Address(envelope_from, name) if mailbox.allows_plus_addresses else None,
            in_reply_to=mail.in_reply_to,
            references=mail.references,
            is_automatic=mail.origin == Origin.AUTOMATIC,
            language=mail.language,
        )
    )


def envelope_sender(mail: DueMail, mailbox: Mailbox) -> str:
    """Where a bounce goes: an address of this mail alone where the mailbox allows, else the mailbox."""
    return signed_address(mailbox.address, mail.pk) if mailbox.allows_plus_addresses else mailbox.address

"""Mailboxes, what they received, and every mail in and out."""

from caseloop.mail.models.doubt import MailDoubt
from caseloop.mail.models.inbound import InboundMail
from caseloop.mail.models.mailbox import Mailbox, MailFolder
from caseloop.mail.models.message import Message
from caseloop.mail.models.participant import Participant
from caseloop.mail.models.sending import SendingClaim, SendingCount

__all__ = [
    "InboundMail",
    "MailDoubt",
    "MailFolder",
    "Mailbox",
    "Message",
    "Participant",
    "SendingClaim",
    "SendingCount",
]

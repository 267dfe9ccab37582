"""Mails as customers send them, for tests."""

from __future__ import annotations

from email.message import EmailMessage
from itertools import count

from tests.mail.conftest import ANNA, OURS

_numbers = count(1)


def mail_in(
    text: str = "It works again, thank you.\n",
    *,
    sender: str = f"Anna Löwenherz <{ANNA}>",
    to: str = OURS,
    cc: str = "",
    subject: str = "Grinder",
    answers: str = "",
    references: str = "",
    message_id: str = "",
    **headers: str,
) -> bytes:
    """A mail as bytes; `answers` is the Message-ID it replies to."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = message_id or f"<customer-{next(_numbers)}@cafe.example>"
    if cc:
        mail["Cc"] = cc
    if answers:
        mail["In-Reply-To"] = answers
        mail["References"] = references or answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return bytes(mail)

"""How does a customer of the demo write? As a mail program does, over SMTP."""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from caseloop.demo.cast import MAILBOX, Customer, words
from caseloop.letters.dates import long_date, quote_line

HOST = "127.0.0.1"
TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Read:
    """What a customer's mail program shows of a mail."""

    raw: bytes
    subject: str
    sender: str
    sender_address: str
    reply_to: str
    message_id: str
    references: str
    sent_at: datetime | None
    text: str
    html: str
    is_automatic: bool


def read(raw: bytes) -> Read:
    """A mail that Caseloop or a customer composed, taken apart."""
    mail = message_from_bytes(raw, policy=default)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    name, address = parseaddr(str(mail.get("From", "")))
    date_header = mail.get("Date")
    return Read(
        raw=raw,
        subject=str(mail.get("Subject", "")),
        sender=name or address,
        sender_address=address,
        reply_to=str(mail.get("Reply-To", mail.get("From", MAILBOX))),
        message_id=str(mail.get("Message-ID", "")),
        references=str(mail.get("References", "")),
        sent_at=getattr(date_header, "datetime", None),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        is_automatic=str(mail.get("Auto-Submitted", "no")) != "no",
    )


def question(customer: Customer, now: datetime) -> EmailMessage:
    """The first mail, which opens the case."""
    mail = _new(customer, customer.title, MAILBOX, now)
    mail.set_content(customer.asks)
    return mail


def reply(customer: Customer, to: Read, text: str, now: datetime) -> EmailMessage:
    """An answer by hand, with the mail that it answers quoted below."""
    mail = _answer_to(customer, to, _re(to.subject), now)
    author = f"{to.sender} <{to.sender_address}>"
    above = quote_line(author, to.sent_at or now, ZoneInfo(customer.zone), customer.language)
    quoted = "\n".join(f"> {line}".rstrip() for line in to.text.strip().splitlines())
    mail.set_content(f"{text.strip()}\n\n{customer.name}\n\n{above}\n{quoted}\n")
    return mail


def automatic_reply(customer: Customer, to: Read, text: str, now: datetime) -> EmailMessage:
    """What a mail server answers for somebody who is away (RFC 3834)."""
    subject = words(customer.language, "on_holiday_subject").format(subject=to.subject)
    mail = _answer_to(customer, to, subject, now)
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(f"{text.strip()}\n\n{customer.name}\n")
    return mail


def away_until(customer: Customer, back: date) -> str:
    """The text of an absence notice that says when its writer is back."""
    return words(customer.language, "on_holiday").format(back=long_date(back, customer.language))


def send(mail: EmailMessage, port: int, *, envelope_from: str | None = None) -> None:
    """Hand it to the mail server of the demo; raises `OSError` or `SMTPException`."""
    recipients = [str(parseaddr(str(mail["To"]))[1])]
    sender = envelope_from if envelope_from is not None else parseaddr(str(mail["From"]))[1]
    with smtplib.SMTP(HOST, port, local_hostname="customer.example", timeout=TIMEOUT) as server:
        server.send_message(mail, sender or "<>", recipients)


def last_from_support(mails: Iterable[Read]) -> Read | None:
    """The mail that an answer answers: the newest one of ours."""
    ours = [mail for mail in mails if mail.sender_address == MAILBOX]
    return ours[-1] if ours else None


def _new(customer: Customer, subject: str, to: str, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(customer.name, addr_spec=customer.address)
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = now.astimezone(ZoneInfo(customer.zone))
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@{customer.address.rpartition('@')[2]}>"
    return mail


def _answer_to(customer: Customer, to: Read, subject: str, now: datetime) -> EmailMessage:
    mail = _new(customer, subject, parseaddr(to.reply_to)[1], now)
    if to.message_id:
        mail["In-Reply-To"] = to.message_id
        mail["References"] = " ".join([*to.references.split(), to.message_id])
    return mail


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"

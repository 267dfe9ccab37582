"""What does a mail say, in the shape in which matching and filing need it? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from caseloop.cases.numbers import is_number
from caseloop.mail.matching import Arrived
from caseloop.mail.models.message import Bounce, InboundKind
from caseloop.mail.signed import signed_message
from caseloop.reading.authentication import dmarc_verdict
from caseloop.reading.case_number import case_numbers_in
from caseloop.reading.headers import addresses_of
from caseloop.reading.parse import ParsedMail, parse_mail
from caseloop.reading.read import MailReading, read_mail

ASKS_A_PERSON = ("calendar", "unsubscribe", "abuse_report")
"""What a customer's machine sends because the customer did something: no answer, but no silence either."""
HEADER_AT_MOST = 64 * 1024
ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
KINDS = {
    "reply": InboundKind.HUMAN,
    "automatic": InboundKind.AUTOMATIC,
    "undeliverable": InboundKind.UNDELIVERABLE,
    "other": InboundKind.OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One inbound mail, read; texts are bounded to what the columns take, and hold no NUL."""

    arrived: Arrived
    message_id: str
    from_address: str
    from_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str
    html: str
    new_text: str
    language: str
    automatic_kind: str
    resume_on: date | None
    bounce: Bounce | None
    unreadable_because: str

    @property
    def kind(self) -> InboundKind:
        return self.arrived.kind


def understand(
    raw: bytes, received_on: date, *, our_addresses: frozenset[str], authserv_id: str, is_junk: bool
) -> Understood:
    """Read `raw`, which arrived on this day. Never raises on what a mail holds."""
    reading = read_mail(raw, received_on)
    parsed = reading.parsed
    sender = parsed.from_
    from_address = sender.address if sender else ""
    if from_address in our_addresses:  # a web form that writes in our own name says in Reply-To whose mail it is
        from_address = _foreign_reply_to(parsed.header("reply-to") or "", our_addresses) or from_address
    kind = _kind(reading, from_address)
    arrived = Arrived(
        kind=kind,
        sender=from_address,
        in_reply_to=parsed.in_reply_to,
        references=parsed.references,
        signed_message=signed_message(_recipients(parsed)),
        returned_message_id=reading.returned_message_id or "",
        failed_recipients=tuple(address.lower() for address in reading.failed_recipients),
        numbers_in_subject=_numbers(parsed.subject),
        numbers_in_text=_numbers(reading.new_text),
        numbers_in_quotes=_numbers(parsed.text),
        new_text=reading.new_text,
        fails_dmarc=dmarc_verdict(parsed.headers, [authserv_id] if authserv_id else []) == "fail",
        asks_a_person=reading.other_kind in ASKS_A_PERSON,
        is_junk=is_junk,
    )
    return Understood(
        arrived=arrived,
        message_id=_clean(parsed.message_id or "")[:998],
        from_address=_clean(from_address)[:320],
        from_name=_clean(sender.name if sender else "")[:320],
        to=tuple(_clean(found.address)[:320] for found in parsed.to),
        cc=tuple(_clean(found.address)[:320] for found in parsed.cc),
        subject=_clean(parsed.subject)[:998],
        text=_clean(parsed.text),
        html=_clean(parsed.html),
        new_text=_clean(reading.new_text),
        language=(reading.language or "")[:8],
        automatic_kind=(reading.automatic_kind or "")[:15],
        resume_on=reading.resume_on,
        bounce=_bounce(reading),
        unreadable_because=", ".join(parsed.unreadable_because)[:500],
    )


def header_only(raw: bytes) -> Understood:
    """The least that can be said of a mail that could not be processed: who wrote, and what it refers to."""
    parsed = parse_mail(raw[:HEADER_AT_MOST].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0] + b"\n\n")
    sender = parsed.from_.address if parsed.from_ else ""
    arrived = Arrived(
        kind=InboundKind.UNREADABLE,
        sender=sender,
        in_reply_to=parsed.in_reply_to,
        references=parsed.references,
        numbers_in_subject=_numbers(parsed.subject),
    )
    return Understood(
        arrived=arrived,
        message_id=_clean(parsed.message_id or "")[:998],
        from_address=_clean(sender)[:320],
        from_name="",
        to=(),
        cc=(),
        subject=_clean(parsed.subject)[:998],
        text="",
        html="",
        new_text="",
        language="",
        automatic_kind="",
        resume_on=None,
        bounce=None,
        unreadable_because="It could not be processed.",
    )


def _kind(reading: MailReading, from_address: str) -> InboundKind:
    """What could be read in part only is an answer all the same: its sender was not silent."""
    if reading.other_kind == "unreadable":
        return InboundKind.HUMAN if reading.new_text.strip() and from_address else InboundKind.UNREADABLE
    if reading.kind == "reply" and not from_address and not reading.parsed.text.strip():
        return InboundKind.UNREADABLE
    return KINDS[reading.kind]


def _bounce(reading: MailReading) -> Bounce | None:
    if reading.kind != "undeliverable":
        return None
    if reading.refused or reading.permanent is None:  # what the report does not say, a person has to find out
        return Bounce.REFUSED
    return Bounce.PERMANENT if reading.permanent else Bounce.TEMPORARY


def _recipients(parsed: ParsedMail) -> list[str]:
    """Every address that it was sent to, whichever header of a server kept it."""
    kept = [found for name in ENVELOPE for value in parsed.all(name) for found in addresses_of(value)]
    return [found.address for found in (*parsed.to, *parsed.cc, *kept)]


def _foreign_reply_to(value: str, our_addresses: frozenset[str]) -> str:
    return next((found.address for found in addresses_of(value) if found.address not in our_addresses), "")


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(number for number in case_numbers_in(text) if is_number(number))


def _clean(text: str) -> str:
    """Without what PostgreSQL's text cannot hold: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")

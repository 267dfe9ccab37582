"""What is in this message: its header, its text, its parts — without ever raising on what real mail holds?"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from caseloop.reading.headers import Address, addresses_of, header_text, message_ids
from caseloop.reading.html_text import html_to_text
from caseloop.reading.mime import Part, parameters_of, split_message

MAX_TEXT = 400_000
_ENCRYPTED = re.compile(r"application/(?:x-)?pkcs7-mime|multipart/encrypted")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part kept as a file: what it claims to be. `content()` gives its bytes."""

    filename: str | None
    content_type: str
    content_id: str | None
    is_inline: bool
    part: Part

    def content(self) -> bytes:
        return self.part.content()


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One message as read: header names in lower case, values decoded; ids with angle brackets; dates aware, in UTC."""

    headers: tuple[tuple[str, str], ...]
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    from_: Address | None
    senders: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    content_type: str
    parameters: dict[str, str]
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    returned: tuple[Part, ...]
    delivery_status: tuple[str, ...]
    content_types: tuple[str, ...]
    unreadable_because: tuple[str, ...]

    @property
    def is_unreadable(self) -> bool:
        """True when something of the message stayed unread, so that its sender must not count as silent."""
        return bool(self.unreadable_because)

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, top-most first."""
        return tuple(value for key, value in self.headers if key == name)


def parse_mail(raw: bytes) -> ParsedMail:
    """Read `raw` (RFC 5322, 2045) within limits of size, depth and parts. Never raises; see `unreadable_because`."""
    top, complaints = split_message(raw)
    headers = tuple((name, header_text(value)) for name, value in top.headers)
    parts = tuple(top.walk())
    text, html = _bodies(parts)

    def first(name: str) -> str:
        return next((value for key, value in headers if key == name), "")

    def every(name: str) -> str:
        return ", ".join(value for key, value in headers if key == name)

    senders = addresses_of(every("from"))
    return ParsedMail(
        headers=headers,
        message_id=next(iter(message_ids(first("message-id"))), None),
        in_reply_to=message_ids(first("in-reply-to")),
        references=message_ids(every("references")),
        from_=next(iter(senders), None),
        senders=senders,
        to=addresses_of(every("to")),
        cc=addresses_of(every("cc")),
        subject=first("subject")[:2000],
        date=_date(first("date")),
        content_type=top.content_type,
        parameters=top.parameters,
        text=text,
        html=html,
        attachments=tuple(_attachment(part) for part in parts if _is_file(part)),
        returned=tuple(part for part in parts if part.content_type in _RETURNED),
        delivery_status=tuple(part.text()[:MAX_TEXT] for part in parts if part.content_type in _STATUS),
        content_types=tuple(part.content_type for part in parts),
        unreadable_because=_complaints(headers, parts, complaints),
    )


_RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "text/rfc822",
    "message/global-headers",
)
_STATUS = ("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status")


def _complaints(
    headers: tuple[tuple[str, str], ...], parts: tuple[Part, ...], complaints: tuple[str, ...]
) -> tuple[str, ...]:
    if not headers:
        complaints += ("no header",)
    if any(_ENCRYPTED.match(part.content_type) and _is_enveloped(part) for part in parts):
        complaints += ("encrypted",)
    return complaints


def _is_enveloped(part: Part) -> bool:
    return part.parameters.get("smime-type", "enveloped-data").lower() != "signed-data"


def _bodies(parts: tuple[Part, ...]) -> tuple[str, str]:
    """The plain text of the message (from HTML where there is none), and its HTML as sent."""
    plain = [part.text()[:MAX_TEXT] for part in parts if part.content_type in _PLAIN and not _is_file(part)]
    html = [part.text()[:MAX_TEXT] for part in parts if part.content_type == "text/html" and not _is_file(part)]
    if len(parts) == 1 and parts[0].content_type.startswith("multipart/"):
        # No boundary was found: all there is stands in the body.
        plain = [parts[0].text()[:MAX_TEXT]]
    text = "\n".join(piece for piece in plain if piece.strip())[:MAX_TEXT]
    if (not text.strip() or _only_points_to_html(text)) and html:
        text = "\n".join(html_to_text(piece) for piece in html[:_MAX_HTML_PARTS])
    return text, "\n".join(html)


_MAX_HTML_PARTS = 10


_PLAIN = ("text/plain", "text/enriched", "text/markdown", "text/x-markdown", "text/format")


def _only_points_to_html(text: str) -> bool:
    return len(text) < 300 and bool(re.search(r"(?i)\bhtml\b.{0,80}\b(?:view|client|reader|support|enabl)", text))


def _is_file(part: Part) -> bool:
    if part.content_type.startswith("multipart/") or part.content_type in (*_RETURNED, *_STATUS):
        return False
    return part.is_attachment or not part.content_type.startswith(("text/", "message/")) or bool(_filename(part))


def _filename(part: Part) -> str | None:
    disposition = (part.raw_header("content-disposition") or b"").decode("latin-1")
    name = parameters_of(disposition).get("filename") or part.parameters.get("name")
    return header_text(name.encode("utf-8", "replace"))[:255] or None if name else None


def _attachment(part: Part) -> Attachment:
    content_id = (part.raw_header("content-id") or b"").decode("latin-1").strip("<> \t\n") or None
    is_inline = not part.is_attachment and content_id is not None
    return Attachment(_filename(part), part.content_type, content_id, is_inline, part)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:200])
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None

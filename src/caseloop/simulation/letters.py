"""Which bytes does a customer's mail have, and what does only its writer know of it?"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caseloop.simulation.files import CaseFile

SUPPORT = "support@contoso.example"
INBOX, JUNK, SENT = "INBOX", "Junk", "Sent"


class Means(StrEnum):
    """What a mail to us means to whoever sent it, whatever Caseloop makes of it."""

    OPENS = "opens a case"
    THANKS = "says that it is solved"
    ANGRY = "complains"
    ASKS = "asks a question"
    INFORMS = "sends what was asked for"
    LATER = "asks for time until next week"
    LATER_UNDATED = "asks for time"
    AWAY = "is away, with a date of return"
    AWAY_UNDATED = "is away, without a date"
    GONE = "has left the company"
    ACKNOWLEDGES = "acknowledges by machine"
    BOUNCES = "comes back as undeliverable"
    DELAYED = "is reported as delayed"
    PROBE = "is our own probe"


HUMAN = frozenset(
    {Means.THANKS, Means.ANGRY, Means.ASKS, Means.INFORMS, Means.LATER, Means.LATER_UNDATED},
)
DEFERS = frozenset({Means.LATER, Means.LATER_UNDATED})


@dataclass(eq=False, slots=True)
class Letter:
    """A mail to us. `file` is the case that its writer means; `is_reply` whether it was written as an answer to ours.

    `arrived_at`: when it lay in a folder; `offered_at`: when the mail server first answered a reading with it.
    """

    raw: bytes
    means: Means
    file: CaseFile | None
    message_id: str = ""
    sender: str = ""
    is_reply: bool = True
    folder: str = INBOX
    back_on: datetime | None = None
    arrived_at: datetime | None = None
    offered_at: datetime | None = None

    @property
    def is_human(self) -> bool:
        """An answer in the sense of spec 3.2."""
        return self.means in HUMAN


@dataclass(frozen=True, slots=True)
class Ours:
    """What a customer's mail program knows of a mail of ours."""

    message_id: str
    references: str
    subject: str
    reply_to: str
    text: str = field(repr=False, default="")


def compose(
    *,
    message_id: str,
    sender: str,
    name: str,
    subject: str,
    text: str,
    at: datetime,
    to: str = SUPPORT,
    answers: Ours | None = None,
    is_automatic: bool = False,
) -> bytes:
    """The mail as a plain mail program writes it, the mail that it answers quoted below."""
    head = [
        f"From: {Header(name, 'utf-8').encode()} <{sender}>",
        f"To: {to}",
        f"Subject: {Header(subject, 'utf-8', maxlinelen=900).encode()}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    if answers is not None:
        references = " ".join([*answers.references.split(), answers.message_id])
        head += [f"In-Reply-To: {answers.message_id}", f"References: {references}"]
        if not is_automatic:
            quoted = "\n".join(f"> {line}" for line in answers.text.splitlines()[:12])
            text = f"{text}\n\n{name}\n\n{quoted}\n"
    if is_automatic:
        head += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]
    body = base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body

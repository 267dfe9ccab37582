"""The last look before a hand-over: what `followups` answers for each mail that the automation wrote or proposed.

It runs inside the transaction of the claim, with the cases locked. People's own mails are not asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from caseloop.mail.due import DueMail


@dataclass(frozen=True, slots=True)
class Go:
    """Send it; `evidence` is kept with the mail (spec 3.3)."""

    message_id: int
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotNow:
    """Ask again at `until`; `why` shows in the mail log."""

    message_id: int
    until: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """The facts have changed: this mail is never sent."""

    message_id: int
    why: str = ""


Answer: TypeAlias = Go | NotNow | Drop
LastLook: TypeAlias = Callable[[Sequence[DueMail], datetime], Sequence[Answer]]


class SentMail(NamedTuple):
    """A mail that the server took, as `OnSent` is told of it; `written_at` is when it was approved."""

    pk: int
    case_id: int
    origin: str
    purpose: str
    written_at: datetime


OnSent: TypeAlias = Callable[[Sequence[SentMail], datetime], None]


def always(mails: Sequence[DueMail], now: datetime) -> list[Answer]:
    """Every mail may go: for installations without automation, and for tests."""
    return [Go(mail.pk) for mail in mails]


def nothing_more(mails: Sequence[SentMail], now: datetime) -> None:
    """Nobody wants to know what was sent."""

"""What may somebody write as the customer, and what becomes of it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto

from caseloop.demo.behavior import back_on
from caseloop.demo.cast import Customer, words
from caseloop.demo.customer_mail import automatic_reply, away_until, last_from_support, reply, send
from caseloop.demo.inbox import InboxMail

KINDS = (
    ("thanks", "Thanks"),
    ("angry", "Angry"),
    ("on_holiday", "On holiday"),
    ("next_week", "Next week"),
    ("question", "A question"),
    ("own", "Own words"),
)


class Answered(Enum):
    BY_HAND = auto()
    AUTOMATICALLY = auto()
    NOTHING_TO_ANSWER = auto()
    EMPTY = auto()


def words_for(customer: Customer, kind: str, now: datetime) -> str:
    """What a customer in that mood writes, in their language; nothing for own words."""
    if kind == "on_holiday":
        return away_until(customer, back_on(now))
    if kind in ("thanks", "angry", "next_week", "question"):
        return words(customer.language, kind)
    return ""


def answer_as(
    customer: Customer,
    open_mail: InboxMail | None,
    mails: Sequence[InboxMail],
    kind: str,
    text: str,
    smtp_port: int,
    now: datetime,
) -> Answered:
    """Answer the open mail of ours, else our newest. Raises what SMTP raises."""
    to = open_mail.content if open_mail is not None and not open_mail.is_own else None
    to = to or last_from_support(mail.content for mail in reversed(mails))
    if to is None:
        return Answered.NOTHING_TO_ANSWER
    said = _said(customer, kind, text, now)
    if not said:
        return Answered.EMPTY
    if kind == "on_holiday":
        send(automatic_reply(customer, to, said, now), smtp_port, envelope_from="")
        return Answered.AUTOMATICALLY
    send(reply(customer, to, said, now), smtp_port)
    return Answered.BY_HAND


def _said(customer: Customer, kind: str, text: str, now: datetime) -> str:
    """The text as typed. Without scripts choosing a mood leaves the words of another: then those of the mood count."""
    typed = " ".join(text.split())
    prepared = {" ".join(words_for(customer, other, now).split()) for other, _ in KINDS}
    return text.strip() if kind == "own" or typed not in prepared else words_for(customer, kind, now)

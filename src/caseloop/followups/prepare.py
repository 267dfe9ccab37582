"""Between deciding and acting: letters are written and replies read while no transaction is open (design 1)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from caseloop.administration.models import GlobalSettings
from caseloop.assistant.builtin.reader import BuiltinReader
from caseloop.assistant.interfaces import Reader, ReplyInput, ReplyReading
from caseloop.domain.actions import (
    Action,
    AskForReply,
    AskPerson,
    FollowUp,
    PrepareDraft,
    ReadReply,
    Reason,
    Resolve,
    SuggestionKind,
)
from caseloop.domain.facts import Label
from caseloop.followups.gather import Look
from caseloop.followups.planned import Planned
from caseloop.followups.writing import Shelf, Written, reopen_until, write_follow_up, write_other
from caseloop.letters.errors import LetterError
from caseloop.mail.models import Mailbox, Message
from caseloop.mail.threads import LastMail, Thread, mailboxes_for, threads_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Helpers:
    """The assistant's abilities, handed in: the built-in ones, a model's, or a test's."""

    reader: Reader

    @classmethod
    def builtin(cls) -> Helpers:
        """Everything without a model."""
        return cls(reader=BuiltinReader())


def prepare(
    decided: Sequence[tuple[Look, Action]], settings: GlobalSettings, helpers: Helpers, now: datetime
) -> list[Planned]:
    """Each action with the words it needs. What cannot be written goes to a person with the reason."""
    writing = [look.case for look, action in decided if _needs_words(look, action)]
    desk = _Desk(
        shelf=Shelf.load(settings) if writing else Shelf(settings),
        threads=threads_of(writing) if writing else {},
        mailboxes=mailboxes_for([case.queue_id for case in writing]) if writing else {},
        mails=_mails(decided),
        helpers=helpers,
        now=now,
    )
    return [_prepared(look, action, desk) for look, action in decided]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What lies ready for a batch."""

    shelf: Shelf
    threads: Mapping[int, Thread]
    mailboxes: Mapping[int, Mailbox]
    mails: Mapping[int, Message]
    helpers: Helpers
    now: datetime


def _needs_words(look: Look, action: Action) -> bool:
    return isinstance(action, FollowUp | PrepareDraft | AskForReply) or _gives_notice(look, action)


def _gives_notice(look: Look, action: Action) -> bool:
    """Whether the customer is told that the case is closed."""
    is_for_silence = isinstance(action, Resolve) and not action.is_favorable
    return is_for_silence and look.policy is not None and look.policy.sends_closing_notice


def _prepared(look: Look, action: Action, desk: _Desk) -> Planned:
    thread = desk.threads.get(look.case.pk)
    previous = thread.previous if thread else None
    written: Written | None = None
    try:
        match action:
            case FollowUp(step=step, is_last=is_last) | PrepareDraft(step=step, is_last=is_last):
                written = write_follow_up(look, step, is_last, previous, desk.shelf, desk.now)
            case AskForReply():
                written = write_other(look, "reply", previous, desk.shelf)
            case Resolve() if _gives_notice(look, action):
                written = _closing_notice(look, previous, desk.shelf, desk.now)
            case ReadReply(message_id=message_id):
                return Planned(look=look, action=action, reading=_read(look, desk.mails[message_id], desk))
    except LetterError as error:
        if isinstance(action, FollowUp | PrepareDraft):
            return Planned(look=look, action=_by_hand(Reason.BLOCKED, str(error)))
    plan = Planned(
        look=look,
        action=action,
        thread=thread,
        mailbox=desk.mailboxes.get(look.case.queue_id),
        written=written,
    )
    if isinstance(action, FollowUp | PrepareDraft) and not plan.can_write:
        if plan.mailbox is None:
            return Planned(look=look, action=_by_hand(Reason.BLOCKED, "no mailbox to send from"))
        return Planned(look=look, action=_by_hand(Reason.NO_ADDRESS, ""))
    return plan


def _read(look: Look, message: Message, desk: _Desk) -> ReplyReading:
    """What the reader says; a mail that it stumbles over is *unclear*, so that a person reads it."""
    try:
        return desk.helpers.reader.read(_reply_input(look, message, desk.mails))
    except Exception:  # whatever a stranger wrote into a mail, a person has to get it
        log.exception("message %s cannot be read by the reader", message.pk)
        return ReplyReading(label=Label.UNCLEAR, confidence=0.0, made_by="nobody")


def _by_hand(reason: Reason, detail: str) -> AskPerson:
    return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=reason, detail=detail)


def _closing_notice(look: Look, previous: LastMail | None, shelf: Shelf, now: datetime) -> Written:
    until = reopen_until(shelf.settings, look.facts.customer_zone, now)
    return write_other(look, "closing_notice", previous, shelf, {"reopen_until": until})


def _mails(decided: Sequence[tuple[Look, Action]]) -> dict[int, Message]:
    """The replies that are to be read, and the mails of ours that they may answer; one query."""
    wanted: set[int] = set()
    for look, action in decided:
        if isinstance(action, ReadReply):
            wanted |= {action.message_id, *(mail.message_id for mail in look.facts.mails)}
    return {row.pk: row for row in Message.objects.filter(pk__in=wanted).defer("html")} if wanted else {}


def _reply_input(look: Look, message: Message, mails: Mapping[int, Message]) -> ReplyInput:
    received = message.occurred_at.astimezone(ZoneInfo(look.facts.customer_zone))
    ours = [mail for mail in look.facts.mails if mail.at <= message.occurred_at]
    before = mails.get(ours[-1].message_id) if ours else None
    return ReplyInput(
        new_text=message.new_text or message.text,
        subject=message.subject,
        received_on=received.date(),
        language=message.language or None,
        last_our_mail=(before.new_text or before.text) if before else "",
    )

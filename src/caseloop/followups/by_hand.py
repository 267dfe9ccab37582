"""How does what a representative typed become a mail of the case? (spec 6.11)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.assistant.builtin.promises import BuiltinMailJudge
from caseloop.cases.models import Case, StatusReason
from caseloop.followups.framing import frame
from caseloop.followups.gather_rows import zone_of
from caseloop.letters.render import letter_from_words
from caseloop.mail.models import Message
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.threads import thread_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the editor; `body` is light text without signature."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    subject: str
    body: str
    language: str = ""
    sets_status_reason: StatusReason | None = None
    restarts_count: bool = False


def send_by_hand(
    case: Case, typed: Typed, *, author: User, now: datetime, undo_for: timedelta = timedelta(0)
) -> Message:
    """A mail signed by its author, the mail it follows quoted below; it waits `undo_for` before it goes out.

    Raises `MailError` for a recipient that is none, no text, or no mailbox, and `LetterError` for a text too long.
    """
    thread = thread_of(case)
    language = typed.language or (case.contact.language if case.contact else "") or "en"
    settings, zone = GlobalSettings.current(), zone_of(case, ())
    around = frame(case, thread.previous, settings, signed_by=str(author), sent_by_person=True, zone=zone)
    rendered = letter_from_words(typed.subject, typed.body, language, around)
    promise = BuiltinMailJudge().promises_something(typed.body)
    letter = Letter(
        to=typed.to,
        cc=typed.cc,
        subject=rendered.subject,
        text=rendered.text if typed.body.strip() else "",
        html=rendered.html,
        language=language,
        source={"body": typed.body},
        promises=promise.words if promise else "",
        restarts_count=typed.restarts_count,
        sets_status_reason=typed.sets_status_reason,
    )
    return write_mail(case.pk, letter, author=author, now=now, not_before=now + undo_for)

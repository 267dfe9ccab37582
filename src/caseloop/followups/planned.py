"""One decided action with the words and readings that were prepared for it."""

from __future__ import annotations

from dataclasses import dataclass

from caseloop.assistant.interfaces import ReplyReading
from caseloop.domain.actions import Action
from caseloop.followups.gather import Look
from caseloop.followups.writing import Written
from caseloop.mail.models import Mailbox
from caseloop.mail.threads import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What `prepare` hands to `perform`; `thread` and `mailbox` are set where a mail is to be written."""

    look: Look
    action: Action
    thread: Thread | None = None
    mailbox: Mailbox | None = None
    written: Written | None = None
    reading: ReplyReading | None = None

    @property
    def can_write(self) -> bool:
        """Whether there are words, somebody to send them to, and a mailbox to send from."""
        return bool(self.written and self.mailbox and self.thread and self.thread.recipients.to)

"""Has everything happened that is due at this moment of the demo?

Before the clock moves on, due cases are reviewed, approved mails sent, and arrived mails read, so that each thing
happens at its own time and nothing races with the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Min

from caseloop.cases.models import Activity, CaseReview
from caseloop.demo.cast import MAILBOX
from caseloop.demo.mail_system import MailSystem
from caseloop.domain.lifecycle import MessageState
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import MailFolder, Message

AT_MOST = 30.0
LOOK_EVERY = 0.05
BOUNCES_COME_WITHIN = 0.2
WHAT_IS_DUE = """
    SELECT CASE
      WHEN EXISTS (SELECT 1 FROM mail_inboundmail WHERE state = 'stored')
      THEN 'mail that came in is not processed'
      WHEN EXISTS (SELECT 1 FROM cases_casereview WHERE review_at <= %(now)s OR waits_for_proof
                      OR (lease IS NOT NULL AND leased_until > %(now)s))
      THEN 'cases are due for review'
      WHEN EXISTS (SELECT 1 FROM mail_message WHERE direction = 'out' AND (state = 'sending'
                      OR (state = 'approved' AND coalesce(not_before, %(now)s) <= %(now)s)))
        OR EXISTS (SELECT 1 FROM mail_sendingclaim)
      THEN 'mail has not been sent'
      WHEN EXISTS (SELECT 1 FROM mail_mailbox WHERE read_wanted_at IS NOT NULL)
      THEN 'a mailbox is asked for proof'
      ELSE '' END"""


class NotQuiet(Exception):
    """Something that was due has not happened in time; the sentence says what."""


@dataclass(slots=True)
class Quiet:
    """Watches the tables and the mail server of the demo."""

    mail: MailSystem
    is_running: Callable[[], None]
    """Raises when the worker is not there any more."""

    def wait(self, now: Callable[[], datetime]) -> None:
        """Until nothing is due any more; raises `NotQuiet` after half a minute."""
        accepted = -1
        while accepted != len(self.mail.accepted):
            if accepted >= 0:
                time.sleep(BOUNCES_COME_WITHIN)
            accepted = len(self.mail.accepted)
            self.wait_until(lambda: not self.unrest(now()), lambda: self.unrest(now()))

    def wait_until(self, is_so: Callable[[], bool], otherwise: str | Callable[[], str]) -> None:
        """Until it is so; raises `NotQuiet` with the words of `otherwise` after half a minute."""
        ends_at = time.monotonic() + AT_MOST
        while not is_so():
            self.is_running()
            if time.monotonic() > ends_at:
                what = otherwise if isinstance(otherwise, str) else otherwise()
                raise NotQuiet(f"half a minute later, {what}.")
            time.sleep(LOOK_EVERY)

    def unrest(self, now: datetime) -> str:
        """What is still due, in words; an empty text when nothing is.

        The tables are asked in one statement: work goes from one to the next while we look.
        """
        if self._has_unread():
            return "mail lies unread on the server"
        with connection.cursor() as cursor:
            cursor.execute(WHAT_IS_DUE, {"now": now})
            (what,) = cursor.fetchone() or ("",)
        return str(what)

    def trace(self) -> tuple[int, ...]:
        """Changes whenever somebody acted: numbers of mails, entries and decisions."""
        return (
            len(self.mail.accepted),
            Activity.objects.count(),
            Message.objects.exclude(state=MessageState.DRAFT.value).count(),
            SuggestedAction.objects.exclude(state="proposed").count(),
        )

    def _has_unread(self) -> bool:
        read = {folder.name: folder.last_uid for folder in MailFolder.objects.filter(mailbox__address=MAILBOX)}
        return any(self.mail.store.folder(MAILBOX, name).uidnext - 1 > last for name, last in read.items())


def next_due(now: datetime) -> datetime | None:
    """When the next case is looked at, or the next approved mail may go out."""
    review = CaseReview.objects.filter(review_at__gt=now).aggregate(at=Min("review_at"))["at"]
    mails = Message.objects.filter(state=MessageState.APPROVED.value, not_before__gt=now)
    mail = mails.aggregate(at=Min("not_before"))["at"]
    return min((at for at in (review, mail) if at is not None), default=None)

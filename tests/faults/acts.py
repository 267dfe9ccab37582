"""What does a worker do, one act at a time, in a process that can be killed anywhere in it?

The acts are those of `Worker.turn` and of a reader: few operations each, so that killing at every one of them is done in
a moment. Whole turns, one after the other, are killed at random in `test_kill_at_random.py`.
"""

from __future__ import annotations

from datetime import timedelta

from caseloop.config.worker import Worker
from caseloop.followups import approvals
from caseloop.followups.last_look import last_look
from caseloop.followups.models import SuggestedAction
from caseloop.followups.review import review_due
from caseloop.followups.sent import on_sent
from caseloop.followups.waiting import on_read
from caseloop.mail.models import Mailbox
from caseloop.mail.reader import MailboxReader
from caseloop.mail.recovery import recover
from caseloop.mail.send import MailSender
from tests import factories


def look(worker: Worker) -> None:
    """Review what is due, and decide."""
    while review_due(worker.now, worker.helpers):
        pass


def read(worker: Worker) -> None:
    """Ask the mail server what is new, store and process it, and tell who waits for it."""
    reader = MailboxReader(Mailbox.objects.get().pk, worker.now, on_read)
    reader.read_once()
    reader.close()


def send(worker: Worker) -> None:
    """Claim what is due, hand it over, and write down what came of it."""
    sender = MailSender(Mailbox.objects.get().pk, worker.now, last_look, on_sent=on_sent)
    sender.send_due()
    sender.close()


def send_at_full_pace(worker: Worker) -> None:
    """As a worker that has measured that a mail takes a millisecond: its results are written down every 20 mails."""
    sender = MailSender(Mailbox.objects.get().pk, worker.now, last_look, on_sent=on_sent)
    for _ in range(40):
        sender.line.note_pace(0.001)
    sender.send_due()
    sender.close()


def settle_what_is_left(worker: Worker) -> None:
    """Recovery after another worker's death."""
    recover(worker.now, on_sent=on_sent, lease=timedelta(seconds=worker.pace.gives_workers_up_after))


def approve(worker: Worker) -> None:
    """Sofia sends off every draft that she has been given, one after the other."""
    sofia = factories.user()
    for card in SuggestedAction.objects.filter(state="proposed", message__state="draft").order_by("pk"):
        approvals.approve(card.pk, actor=sofia, now=worker.now())


def turn(worker: Worker) -> None:
    """One whole turn of the worker: heartbeat, review, send, recovery, sweep."""
    worker.turn()

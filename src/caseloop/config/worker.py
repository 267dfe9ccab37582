"""The worker: looks at due cases, sends approved mail, reads mailboxes; start as many as you like.

Nothing is lost when it dies: claims in the tables are the record, and end by themselves. It looks once a second even
when nobody wakes it, and does one thing after the other in one thread; only mailboxes are read in threads of their own.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from caseloop.administration import clock
from caseloop.followups import guard, sweep
from caseloop.followups.last_look import last_look
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.followups.sent import on_sent
from caseloop.followups.waiting import on_read
from caseloop.mail.connections import imap_reader, smtp_connection
from caseloop.mail.models import Mailbox
from caseloop.mail.reader import MailboxReader, WayIn
from caseloop.mail.recovery import LEASE, recover
from caseloop.mail.send import MailSender, WayOut

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker does what, and how long it waits: seconds of this process's own time, whatever its clock."""

    idle: float = 0.25
    look_for_mailboxes_every: float = 2.0
    recover_every: float = 5.0
    beat_every: float = 60.0
    database_again_after: float = 2.0
    readers_end_within: float = 3.0
    gives_workers_up_after: float = LEASE.total_seconds()
    """Whoever claimed mails and gave no sign of life for so long is taken for dead."""


def boot_time() -> float:
    """This machine's own time in seconds; one that slept has stood still, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class Every:
    """Something that is done again after so many seconds of this process's own time."""

    seconds: float
    last: float = field(default=float("-inf"))

    def is_due(self, passed: float) -> bool:
        if passed - self.last < self.seconds:
            return False
        self.last = passed
        return True


@dataclass(slots=True)
class Worker:
    """One worker process. `now` is that of the database; another world hands in its own clocks and lines."""

    now: Callable[[], datetime] = clock.now
    stopwatch: Callable[[], float] = boot_time
    way_out: Callable[[Mailbox], WayOut] = smtp_connection
    way_in: Callable[[Mailbox], WayIn] = imap_reader
    pace: Pace = Pace()
    helpers: Helpers = field(default_factory=Helpers.builtin)
    reads_mailboxes: bool = True
    stop: threading.Event = field(default_factory=threading.Event)
    is_asked_to_end: bool = False
    """Set by a signal: an event's lock may be held by the very code that the signal interrupts."""
    _readers: dict[int, threading.Thread] = field(default_factory=dict)
    _senders: dict[int, MailSender] = field(default_factory=dict)
    _swept_at: datetime | None = None
    _mailboxes: Every = field(init=False)
    _recovery: Every = field(init=False)
    _beat: Every = field(init=False)

    def __post_init__(self) -> None:
        self._mailboxes = Every(self.pace.look_for_mailboxes_every)
        self._recovery = Every(self.pace.recover_every)
        self._beat = Every(self.pace.beat_every)

    def run(self) -> None:
        """Until it is asked to end: one turn after the other; a lost database is waited for."""
        while not (self.stop.is_set() or self.is_asked_to_end):
            try:
                close_old_connections()
                if not self.turn():
                    self.stop.wait(self.pace.idle)
            except (OperationalError, InterfaceError) as error:
                log.warning("the database cannot be reached: %s", error)
                connection.close()
                self.stop.wait(self.pace.database_again_after)
        self.stop.set()
        self.close()
        until = time.monotonic() + self.pace.readers_end_within
        for thread in self._readers.values():  # what is still reading then ends with the process
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def close(self) -> None:
        """Leave the mail servers that mail was handed over to."""
        for sender in self._senders.values():
            sender.close()

    def turn(self) -> bool:
        """Review, send, and now and then recover and sweep; returns whether there was anything to do.

        Before anything is done the loop says that it runs: after a stop, ramps begin again first (spec 2.11).
        """
        passed = self.stopwatch()
        if self._beat.is_due(passed):
            guard.heartbeat(self.now())
        if self.reads_mailboxes and self._mailboxes.is_due(passed):
            self._start_readers()
        reviewed = review_due(self.now, self.helpers)
        sent = self._send()
        if self._recovery.is_due(passed):
            recover(self.now, on_sent=on_sent, lease=timedelta(seconds=self.pace.gives_workers_up_after))
        self._sweep()
        return bool(reviewed or sent)

    def _send(self) -> int:
        handed_over = 0
        for mailbox_id in Mailbox.objects.filter(is_on=True).values_list("pk", flat=True):
            if mailbox_id not in self._senders:
                self._senders[mailbox_id] = MailSender(
                    mailbox_id,
                    self.now,
                    last_look,
                    on_sent=on_sent,
                    connect=self.way_out,
                    stopwatch=self.stopwatch,
                )
            handed_over += self._senders[mailbox_id].send_due().handed_over
        return handed_over

    def _sweep(self) -> None:
        now = self.now()
        if self._swept_at is None or now - self._swept_at >= sweep.EVERY or now < self._swept_at - timedelta(hours=1):
            self._swept_at = now
            swept = sweep.sweep(now)
            if swept.found:
                log.info("the safety sweep found %s cases that nobody had marked", swept.found)

    def _start_readers(self) -> None:
        wanted = set(Mailbox.objects.filter(is_on=True).values_list("pk", flat=True))
        for mailbox_id in wanted:
            thread = self._readers.get(mailbox_id)
            if thread is None or not thread.is_alive():
                reader = MailboxReader(mailbox_id, self.now, on_read, connect=self.way_in, way_out=self.way_out)
                thread = threading.Thread(
                    target=reader.run, args=(self.stop,), name=f"mailbox-{mailbox_id}", daemon=True
                )
                self._readers[mailbox_id] = thread
                thread.start()


def main(worker: Worker | None = None) -> int:
    """The worker as a process of its own; ends well within ten seconds of SIGTERM or SIGINT."""
    worker = worker or Worker()

    def end(number: int, frame: FrameType | None) -> None:
        worker.is_asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    worker.run()
    return 0

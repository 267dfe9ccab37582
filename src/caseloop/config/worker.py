"""The worker: looks at due cases, sends approved mail, reads mailboxes; start as many as you like.

Nothing is lost when it dies: claims in the tables are the record, and end by themselves. It looks several times a
second even when nobody wakes it. `run` does side by side what waits for something different: reviews for the database,
each mailbox's sender for its mail server, its reader for news. `turn` does the same once, one thing after the other.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import FrameType

from caseloop.administration import clock
from caseloop.config.lanes import Lane
from caseloop.followups import guard, sweep
from caseloop.followups.last_look import last_look
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.followups.sent import on_sent
from caseloop.followups.waiting import on_read
from caseloop.mail.connections import imap_reader, smtp_connection
from caseloop.mail.due import mailboxes_with_due_mail
from caseloop.mail.line import Line
from caseloop.mail.models import Mailbox
from caseloop.mail.reader import MailboxReader, WayIn
from caseloop.mail.recovery import LEASE, recover
from caseloop.mail.send import MailSender, WayOut

log = logging.getLogger(__name__)


HANDS_OVER_EVERY = 0.0005
"""Seconds after which a thread that computes lets another one go on: a mail server's reply is not kept waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker does what, and how long it waits: seconds of this process's own time, whatever its clock."""

    idle: float = 0.25
    look_for_mailboxes_every: float = 2.0
    recover_every: float = 5.0
    beat_every: float = 60.0
    database_again_after: float = 2.0
    lanes_end_within: float = 6.0
    readers_end_within: float = 3.0
    gives_workers_up_after: float = LEASE.total_seconds()
    """Whoever claimed mails and gave no sign of life for so long is taken for dead."""
    senders_at_once: int = 2
    """For each mailbox, on one connection."""
    reviews_at_once: int = 2
    """Batches under review; while one waits for PostgreSQL the other one computes."""


def boot_time() -> float:
    """This machine's own time in seconds; one that slept has stood still, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class Every:
    """Something that is done again after so many seconds of this process's own time; at once when it failed."""

    seconds: float
    stopwatch: Callable[[], float]
    last: float = field(default=float("-inf"))

    def when_due(self, do: Callable[[], object]) -> None:
        passed = self.stopwatch()
        if passed - self.last >= self.seconds:
            do()
            self.last = passed


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
    _lanes: list[Lane] = field(default_factory=list)
    _reviews: list[Lane] = field(default_factory=list)
    _sending: dict[int, list[Lane]] = field(default_factory=dict)
    _outbox: Lane | None = None
    _swept_at: datetime | None = None
    _mailboxes: Every = field(init=False)
    _recovery: Every = field(init=False)
    _beat: Every = field(init=False)
    _beating: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._mailboxes = Every(self.pace.look_for_mailboxes_every, self.stopwatch)
        self._recovery = Every(self.pace.recover_every, self.stopwatch)
        self._beat = Every(self.pace.beat_every, self.stopwatch)

    def run(self) -> None:
        """Until it is asked to end, or an error that nobody planned comes up in a lane: that one is raised."""
        self._lane("upkeep", self._keep_up, looks_every=self.pace.idle)
        self._outbox = self._lane("outbox", self._wake_senders, looks_every=self.pace.idle)
        for number in range(self.pace.reviews_at_once):  # the first one looks, and tells the others when there is much
            looks_every = None if number else self.pace.idle
            self._reviews.append(self._lane(f"review-{number}", self._review, looks_every=looks_every))
        while not (self.stop.is_set() or self.is_asked_to_end):
            self.stop.wait(self.pace.idle)
        self.stop.set()
        self._end_lanes()

    def _lane(
        self,
        name: str,
        work: Callable[[], bool],
        *,
        looks_every: float | None = None,
        at_end: Callable[[], object] = lambda: None,
    ) -> Lane:
        lane = Lane(name, work, self.stop, looks_every, self.pace.database_again_after, at_end)
        self._lanes.append(lane)
        return lane.start()

    def _end_lanes(self) -> None:
        """What still hangs on a server then ends with the process, as if it were killed."""
        lanes = list(self._lanes)
        for lane in lanes:
            lane.wake()
        until = time.monotonic() + self.pace.lanes_end_within
        for lane in lanes:
            lane.join(until - time.monotonic())
        until = time.monotonic() + self.pace.readers_end_within
        for thread in self._readers.values():
            thread.join(timeout=max(0.0, until - time.monotonic()))
        for lane in lanes:
            if lane.failure is not None:
                raise lane.failure

    def close(self) -> None:
        """Leave the mail servers that mail was handed over to by turns."""
        for sender in self._senders.values():
            sender.close()

    def turn(self) -> bool:
        """Review, send, and now and then recover and sweep; returns whether there was anything to do."""
        self._say_that_it_runs()
        if self.reads_mailboxes:
            self._mailboxes.when_due(self._start_readers)
        reviewed = self._review()
        wanted = Mailbox.objects.filter(is_on=True).values_list("pk", flat=True)
        sent = [self._sender(mailbox_id).send_due().handed_over for mailbox_id in wanted]
        self._recovery.when_due(self._recover)
        self._sweep()
        return reviewed or any(sent)

    def _say_that_it_runs(self) -> None:
        """Before anything is looked at: after a stop, ramps begin again first (spec 2.11)."""
        with self._beating:
            self._beat.when_due(lambda: guard.heartbeat(self.now()))

    def _review(self) -> bool:
        self._say_that_it_runs()
        reviewed = review_due(self.now, self.helpers, on_full=self._wake_reviews)
        if reviewed and self._outbox is not None:
            self._outbox.wake()
        return reviewed > 0

    def _wake_reviews(self) -> None:
        """More is due than one batch."""
        for lane in self._reviews:
            lane.wake()

    def _wake_senders(self) -> bool:
        """The mailboxes with mail to send: each has a lane of its own from the first one on."""
        for mailbox_id in mailboxes_with_due_mail(self.now()):
            if mailbox_id not in self._sending:
                self._start_sending(mailbox_id)
            self._sending[mailbox_id][0].wake()
        return False

    def _start_sending(self, mailbox_id: int) -> None:
        """Lanes that share one line: where there is much to send, one claims and looks while the other hands over."""
        lanes: list[Lane] = []

        def wake_all() -> None:
            for lane in lanes:
                lane.wake()

        line = Line(self.way_out, self.stopwatch)
        self._sending[mailbox_id] = lanes
        for number in range(self.pace.senders_at_once):
            sender = self._new_sender(mailbox_id, line=line, on_full=wake_all)
            lanes.append(self._lane(f"sender-{mailbox_id}-{number}", partial(_send_due, sender), at_end=sender.close))

    def _sender(self, mailbox_id: int) -> MailSender:
        if mailbox_id not in self._senders:
            self._senders[mailbox_id] = self._new_sender(mailbox_id)
        return self._senders[mailbox_id]

    def _new_sender(
        self, mailbox_id: int, *, line: Line | None = None, on_full: Callable[[], object] = lambda: None
    ) -> MailSender:
        return MailSender(
            mailbox_id,
            self.now,
            last_look,
            on_sent=on_sent,
            connect=self.way_out,
            stopwatch=self.stopwatch,
            line=line,
            is_ending=self.stop.is_set,
            on_full=on_full,
        )

    def _keep_up(self) -> bool:
        self._say_that_it_runs()
        if self.reads_mailboxes:
            self._mailboxes.when_due(self._start_readers)
        self._recovery.when_due(self._recover)
        self._sweep()
        return False

    def _sweep(self) -> None:
        now = self.now()
        if self._swept_at is None or now - self._swept_at >= sweep.EVERY or now < self._swept_at - timedelta(hours=1):
            self._swept_at = now
            swept = sweep.sweep(now)
            if swept.found:
                log.info("the safety sweep found %s cases that nobody had marked", swept.found)

    def _recover(self) -> None:
        recover(self.now, on_sent=on_sent, lease=timedelta(seconds=self.pace.gives_workers_up_after))

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


def _send_due(sender: MailSender) -> bool:
    try:
        return sender.send_due().handed_over > 0
    except Mailbox.DoesNotExist:
        return False


def main(worker: Worker | None = None) -> int:
    """The worker as a process of its own; ends well within ten seconds of SIGTERM or SIGINT."""
    worker = worker or Worker()

    def end(number: int, frame: FrameType | None) -> None:
        worker.is_asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    sys.setswitchinterval(HANDS_OVER_EVERY)
    worker.run()
    return 0

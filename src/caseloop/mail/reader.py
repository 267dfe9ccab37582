"""Reading one mailbox on and on: at once when mail comes in, within a second when silence must be proven."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import InterfaceError, OperationalError, connection

from caseloop.administration.secrets import SecretsError
from caseloop.domain.lifecycle import MessageState
from caseloop.mail import lease as leases
from caseloop.mail.connections import imap_reader, smtp_connection
from caseloop.mail.imap import MailboxUnreachable
from caseloop.mail.models import Mailbox, Message
from caseloop.mail.probes import is_alive, is_probe_due, send_probe
from caseloop.mail.processing import process_stored
from caseloop.mail.receive import LeaseLost, Reader, ReadReport, read_mailbox
from caseloop.mail.send import WayOut
from caseloop.mail.settling import found_sent

log = logging.getLogger(__name__)

OnRead = Callable[[int, datetime], object]
READ_EVERY = 60.0
LOOK_EVERY = 0.5
LEASE_AGAIN_EVERY = 15.0
WAIT_AFTER_TROUBLE = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
BATCHES_AT_MOST = 50
LOOK_UP_EVERY = 60.0
LOOK_UP_AT_MOST = 20


class WayIn(Reader, Protocol):
    """What reads a mailbox and waits for news in it: `ImapReader`, or another kind of provider."""

    def holds(self, folder: str, message_id: str) -> bool: ...
    def idle(self, seconds: float, folder: str = "INBOX", until: Callable[[], bool] | None = None) -> bool: ...
    def close(self) -> None: ...


def nobody_waits(mailbox_id: int, now: datetime) -> None:
    """Nobody wants to know that a mailbox was read."""


class MailboxReader:
    """Reads one mailbox; `on_read(mailbox_id, now)` is called after each reading that can prove silence."""

    def __init__(
        self,
        mailbox_id: int,
        clock: Callable[[], datetime],
        on_read: OnRead = nobody_waits,
        *,
        connect: Callable[[Mailbox], WayIn] = imap_reader,
        way_out: Callable[[Mailbox], WayOut] = smtp_connection,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mailbox_id, self._stopwatch = mailbox_id, stopwatch
        self._clock, self._on_read, self._connect, self._way_out = clock, on_read, connect, way_out
        self._id = uuid.uuid4()
        self._reader: WayIn | None = None
        self._connected_as: tuple[object, ...] = ()
        self._looked_up_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set or the mailbox is gone; neither a lost server nor a lost database ends it."""
        troubles = 0
        while not stop.is_set():
            try:
                report = self.read_once()
                if report is None:  # another reader has it, or it is switched off
                    self.close()
                    stop.wait(2.0)
                elif report.problem:
                    troubles += 1
                    self._pause(stop, WAIT_AFTER_TROUBLE[min(troubles, len(WAIT_AFTER_TROUBLE)) - 1])
                else:
                    troubles = 0
                    self._wait_for_news(stop)
            except Mailbox.DoesNotExist:
                break
            except (OperationalError, InterfaceError) as error:
                log.warning("The database cannot be reached: %s", error)
                self.close()
                connection.close()
                stop.wait(2.0)
        self._end()

    def read_once(self) -> ReadReport | None:
        """Read all watched folders, store and process what is new, and tell who waits for it.

        None when another reader has the mailbox. A server that cannot be reached is told in the report and in the
        mailbox's `reading_error`; raises only what the database raises.
        """
        lease = leases.take(self.mailbox_id, self._id)
        if lease is None:
            return None
        before = Mailbox.objects.get(pk=self.mailbox_id)
        try:
            report = read_mailbox(lease, self._open(before), self._clock)
        except LeaseLost:
            return None
        except SecretsError as error:
            leases.note_problem(lease, str(error))
            return ReadReport(problem=str(error))
        self._process()
        if report.is_through:
            self._after_reading(before)
        return report

    def close(self) -> None:
        """Sign out of the mail server."""
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def _open(self, mailbox: Mailbox) -> WayIn:
        """The kept connection, or a new one where the mailbox's settings have changed."""
        wanted = (mailbox.imap_host, mailbox.imap_port, mailbox.imap_security, mailbox.username, bytes(mailbox.secret))
        if self._reader is None or wanted != self._connected_as:
            self.close()
            self._reader, self._connected_as = self._connect(mailbox), wanted
        return self._reader

    def _process(self) -> None:
        for _ in range(BATCHES_AT_MOST):
            if not process_stored(self.mailbox_id, self._clock()).mails:
                break

    def _after_reading(self, before: Mailbox) -> None:
        """Tell who waits for this reading, if it can prove anything: through a dead way in everybody seems silent."""
        now, mailbox = self._clock(), Mailbox.objects.get(pk=self.mailbox_id)
        if is_alive(mailbox, now):
            self._on_read(self.mailbox_id, now)
        mailbox.read_wanted_at = before.read_wanted_at
        if is_probe_due(mailbox, now):
            problem = send_probe(mailbox, self._way_out, now)
            if problem:
                Mailbox.objects.filter(pk=self.mailbox_id).update(sending_error=problem[:500])
        self._look_up_unconfirmed(mailbox, now)

    def _look_up_unconfirmed(self, mailbox: Mailbox, now: datetime) -> None:
        """A mail whose hand-over is in doubt was sent if the server kept a copy of it (spec 4.3)."""
        in_doubt = Message.objects.filter(mailbox=mailbox, state=MessageState.UNCONFIRMED.value).order_by("-claimed_at")
        if self._stopwatch() - self._looked_up_at < LOOK_UP_EVERY or self._reader is None or not in_doubt.exists():
            return
        self._looked_up_at = self._stopwatch()
        try:
            copies = [folder.name for folder in self._reader.folders() if folder.special_use == "\\Sent"]
            for pk, message_id in list(in_doubt.values_list("pk", "message_id")[:LOOK_UP_AT_MOST]):
                if any(self._reader.holds(folder, message_id) for folder in copies):
                    found_sent([pk], now)
        except MailboxUnreachable as error:
            log.info("Unconfirmed mails cannot be looked up now: %s", error.reason)

    def _wait_for_news(self, stop: threading.Event) -> None:
        """Until mail comes in, somebody wants proof, or a minute is over: junk and other folders send no news."""
        assert self._reader is not None
        watch = _Watch(self.mailbox_id, self._id, stop)
        try:
            self._reader.idle(READ_EVERY, until=watch.is_over)
        except MailboxUnreachable as error:
            log.info("Waiting for mail ended: %s", error.reason)
            self._pause(stop, 1.0)

    def _pause(self, stop: threading.Event, seconds: float) -> None:
        """Wait, and keep the lease meanwhile: whoever else has it could not reach the server either."""
        watch = _Watch(self.mailbox_id, self._id, stop)
        ends_at = time.monotonic() + seconds
        while not stop.is_set() and time.monotonic() < ends_at:
            watch.keep_lease()
            stop.wait(min(1.0, max(0.0, ends_at - time.monotonic())))

    def _end(self) -> None:
        self.close()
        try:
            leases.give_back(self.mailbox_id, self._id)
        except (OperationalError, InterfaceError) as error:
            log.warning("The lease of mailbox %s ends by itself: %s", self.mailbox_id, error)
        connection.close()


class _Watch:
    """Asks the database now and then whether there is a reason to stop waiting, and keeps the lease."""

    def __init__(self, mailbox_id: int, reader: uuid.UUID, stop: threading.Event) -> None:
        self._mailbox_id, self._reader, self._stop = mailbox_id, reader, stop
        self._looked_at = self._kept_at = time.monotonic()
        self._is_over = False

    def is_over(self) -> bool:
        """Asked several times a second; once true it stays so."""
        if not self._is_over and time.monotonic() - self._looked_at >= LOOK_EVERY:
            self._looked_at = time.monotonic()
            waits = Mailbox.objects.filter(pk=self._mailbox_id, reader=self._reader, is_on=True, read_wanted_at=None)
            self._is_over = not (self.keep_lease() and waits.exists())
        return self._is_over or self._stop.is_set()

    def keep_lease(self) -> bool:
        if time.monotonic() - self._kept_at < LEASE_AGAIN_EVERY:
            return True
        self._kept_at = time.monotonic()
        return leases.take(self._mailbox_id, self._reader) is not None

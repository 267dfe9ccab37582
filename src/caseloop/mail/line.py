"""The line to a mailbox's mail server: one kept connection, who may use it now, how quick it is, and what ails it.

Senders of one mailbox share it: while one hands over, another one claims the next mails and looks at them. Mails begin
only on the line, and it is given on when their results are written down, so no more are in doubt than with one sender.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from caseloop.mail.hand_over import HandOver
from caseloop.mail.models import Mailbox


class WayOut(Protocol):
    """What hands a mail over: `SmtpConnection`, or another kind of provider."""

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver: ...
    def close(self) -> None: ...


class Line:
    """`pace` is how many seconds a mail took lately. Everything else is for whoever holds the `lock`."""

    def __init__(self, connect: Callable[[Mailbox], WayOut], stopwatch: Callable[[], float]) -> None:
        self.lock = threading.Lock()
        self.pace = 0.05
        self.problem, self.problem_at = "", float("-inf")
        self.not_before: datetime | None = None
        self._connect, self._stopwatch = connect, stopwatch
        self._way_out: WayOut | None = None
        self._connected_as: tuple[object, ...] = ()
        self._troubles = 0

    def way_out(self, mailbox: Mailbox) -> WayOut:
        """The kept connection, or a new one where the mailbox's settings have changed; raises `SecretsError`."""
        wanted = (mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security, mailbox.username, bytes(mailbox.secret))
        if self._way_out is None or wanted != self._connected_as:
            self.hang_up()
            self._way_out, self._connected_as = self._connect(mailbox), wanted
        return self._way_out

    def hang_up(self) -> None:
        """Leave the mail server."""
        if self._way_out is not None:
            self._way_out.close()
        self._way_out = None

    def note_pace(self, seconds: float) -> None:
        """One mail took so long."""
        self.pace = max(0.0005, 0.8 * self.pace + 0.2 * seconds)

    def note_trouble(self, problem: str, now: datetime) -> datetime:
        """Something is wrong with it; returns when to try again: after 5 seconds, then twice as long each time."""
        self._troubles += 1
        self.problem, self.problem_at = problem, self._stopwatch()
        self.not_before = now + timedelta(seconds=min(600.0, 5 * 2.0 ** min(self._troubles - 1, 10)))
        return self.not_before

    def no_trouble(self) -> None:
        """The mail server does what it should."""
        self._troubles = 0

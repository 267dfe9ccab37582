"""Where do the mails of a fault test arrive? SMTP and IMAP servers in a process of their own, which outlive whoever
is killed. Promises are counted here, never in our own tables.
"""

from __future__ import annotations

import copy
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, Concatenate, ParamSpec, TypeVar

from caseloop.demo.mail_store import Folder
from caseloop.demo.mail_system import AcceptedMail, MailSystem

P = ParamSpec("P")
R = TypeVar("R")
AT_REST_WITHIN = 5.0


@dataclass(frozen=True)
class Kept:
    """What lies in all mailboxes, and what was accepted; to begin from again."""

    mailboxes: dict[str, dict[str, Folder]]
    accepted: list[AcceptedMail]


class Sink:
    """The mail servers of a test, spoken to from the test's process. `clock` says when a mail was accepted.

    What the demo's mail system can do is asked by `ask`: `sink.ask(MailSystem.cut, "*", Step.FINAL_DOT)`.
    """

    def __init__(self, accounts: Mapping[str, str], clock: Callable[[], datetime], **options: Any) -> None:
        context = multiprocessing.get_context("fork")
        self._line, theirs = context.Pipe()
        self._lock = threading.Lock()
        self._process = context.Process(
            target=_serve, args=(theirs, self._line, dict(accounts), clock, options), daemon=True
        )
        self._process.start()
        theirs.close()
        self.smtp_port, self.imap_port = self._answer()

    def ask(self, verb: Callable[Concatenate[MailSystem, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the mail system there, or a function of a module that takes it; raises what it raises."""
        with self._lock:
            self._line.send((verb, args, kwargs))
            return self._answer()

    def _answer(self) -> Any:
        is_good, answer = self._line.recv()
        if not is_good:
            raise answer
        return answer

    def stop(self) -> None:
        """End the servers and their process."""
        self._line.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.kill()

    @property
    def accepted(self) -> list[AcceptedMail]:
        """Every mail that the SMTP server has taken, in order."""
        return self.ask(_accepted)

    def deliver(self, raw: bytes, to: str, folder: str = "INBOX") -> int:
        """Put a mail into a mailbox as if from outside, and return its UID."""
        return self.ask(MailSystem.deliver, raw, to, folder)

    def messages(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The mails in a mailbox, oldest first."""
        return self.ask(MailSystem.messages, address, folder)

    def keep(self) -> Kept:
        """All mails as they are now."""
        return self.ask(_keep)

    def put_back(self, kept: Kept) -> None:
        """All mails as they were then, no faults, and nobody connected."""
        self.ask(_put_back, kept)

    def come_to_rest(self) -> None:
        """Wait until nobody is connected: what was handed over has been accepted or lost."""
        self.ask(_come_to_rest)


def _serve(
    line: Connection,
    other_end: Connection,
    accounts: dict[str, str],
    clock: Callable[[], datetime],
    options: dict[str, Any],
) -> None:
    """Do what is asked until nobody can ask any more."""
    other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests; the line ends with them
    with MailSystem(accounts, clock=clock, **options) as system:
        line.send((True, (system.smtp_port, system.imap_port)))
        while True:
            try:
                verb, args, kwargs = line.recv()
            except (EOFError, OSError):
                break
            try:
                answer = (True, verb(system, *args, **kwargs))
            except Exception as error:  # noqa: BLE001 - it is raised where it was asked
                answer = (False, error)
            line.send(answer)
    os._exit(0)


def _accepted(system: MailSystem) -> list[AcceptedMail]:
    return list(system.accepted)


def _keep(system: MailSystem) -> Kept:
    with system.store._lock:
        return Kept(copy.deepcopy(system.store._mailboxes), list(system.accepted))


def _put_back(system: MailSystem, kept: Kept) -> None:
    system.behave()
    _come_to_rest(system)
    with system.store._lock:
        system.store._mailboxes = kept.mailboxes  # a copy: it came through the line
        system.accepted[:] = kept.accepted


def _come_to_rest(system: MailSystem) -> None:
    ends_at = time.monotonic() + AT_REST_WITHIN
    while system._smtp._connections or system._imap._sessions:
        if time.monotonic() > ends_at:
            raise TimeoutError("Somebody is still connected to the mail servers.")
        time.sleep(0.0005)

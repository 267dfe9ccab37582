"""Workers as in production: processes that run until they are asked to end. A test can hold one at an operation."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q

from caseloop.cases.models import CaseReview
from caseloop.config import worker as worker_module
from caseloop.config.worker import Worker
from caseloop.followups.waiting import on_read
from caseloop.mail.models import Message, SendingClaim
from caseloop.mail.reader import MailboxReader
from tests.faults import impatient
from tests.faults.operations import watched
from tests.faults.processes import Child, Tell, fork
from tests.faults.world import Play

LONGEST = 30.0
"""Seconds after which nobody believes any more that something will happen."""


class Hold:
    """A gate at which a worker waits, the `nth` time that `is_here(operation)` says so, until the test lets it go.

    All its lanes wait then, each before its next operation; only its readers go on.
    """

    def __init__(self, is_here: Callable[[str], bool], nth: int = 1) -> None:
        context = multiprocessing.get_context("fork")
        self._is_here, self._arrived, self._may_go = is_here, context.Event(), context.Event()
        self._left = nth

    def __call__(self, name: str) -> None:
        if self._left and self._is_here(name):
            self._left -= 1
            if self._left:
                return
            self._arrived.set()
            self._may_go.wait(2 * LONGEST)
        elif self._arrived.is_set() and not is_reader(threading.current_thread()):
            self._may_go.wait(2 * LONGEST)

    def is_reached(self) -> bool:
        """Whether a worker stands here."""
        return self._arrived.is_set()

    def let_go(self) -> None:
        self._may_go.set()


def is_reader(thread: threading.Thread) -> bool:
    """Whether it reads a mailbox for a worker."""
    return thread.name.startswith("mailbox-")


def real_worker(play: Play, hold: Hold | None = None, **options: object) -> Child:
    """`caseloop worker`, with short waits, on the clock of the play, which only the test moves."""

    def work(tell: Tell) -> None:
        worker = Worker(now=play.clock.standing, pace=impatient.PACE, **options)  # type: ignore[attr-defined, arg-type]
        with watched(hold or _nothing):
            worker_module.main(worker)

    return fork(work)


@contextmanager
def real_reader(play: Play, hold: Hold | None = None) -> Iterator[Child]:
    """The thread of a worker that reads our mailbox, as a process, until the end of the block."""

    def work(tell: Tell) -> None:
        reader = MailboxReader(play.mailbox.pk, play.clock.standing, on_read, connect=impatient.way_in)
        with watched(hold or _nothing):
            reader.run(threading.Event())

    started = fork(work)
    try:
        yield started
    finally:
        kill(started)


def _nothing(name: str) -> None:
    pass


@contextmanager
def real_workers(play: Play, number: int = 1, hold: Hold | None = None, **options: object) -> Iterator[list[Child]]:
    """So many of them, until the end of the block."""
    started = [real_worker(play, hold, **options) for _ in range(number)]
    try:
        yield started
    except BaseException:
        kill(*started)
        raise
    for worker in started:
        os.kill(worker.pid, signal.SIGTERM)
    for worker in started:
        worker.wait()


def kill(*children: Child) -> None:
    for child in children:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


def until(play: Play, is_so: Callable[[], bool], runs: timedelta = timedelta(milliseconds=500)) -> None:
    """Wait for an event; with each look the clock of the play goes on by `runs`."""
    ends_at = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < ends_at, f"not within {LONGEST} s: {play._what_is_left()}"
        play.clock.jump(play.clock.standing() + runs)  # type: ignore[attr-defined]
        time.sleep(0.05)


def at_rest(play: Play) -> bool:
    """Whether no case is due and no mail is on its way."""
    now = play.clock.standing()  # type: ignore[attr-defined]
    due = CaseReview.objects.filter(review_at__lte=now)
    going = Message.objects.filter(Q(state="sending") | Q(state="approved", not_before=None))
    later = Message.objects.filter(state="approved", not_before__lte=now)
    return not (due.exists() or going.exists() or later.exists() or SendingClaim.objects.exists())

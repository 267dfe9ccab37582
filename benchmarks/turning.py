"""How long does one worker process take until nothing is left to do? The real worker, started as in production."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import psycopg

from benchmarks.measuring import measured
from benchmarks.processes import Line
from caseloop.config import worker as worker_module
from caseloop.config.worker import Worker
from caseloop.mail.models import Mailbox

GIVE_UP_AFTER = 900.0
LOOK_EVERY = 0.02


def until_idle(line: Line, *, smtp: tuple[str, int] | None = None, profile: bool = False) -> dict[str, float]:
    """Seconds of the clock and of CPU, and statements, until no case is due and no mail waits to be sent.

    A profile is that of turns, one thing after the other in one thread.
    """
    if smtp:
        Mailbox.objects.update(smtp_host=smtp[0], smtp_port=smtp[1])
    worker = Worker(reads_mailboxes=False)
    worker.now()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as watching:
        line.wait()
        with measured(profile=profile) as spent:
            if profile:
                _turn(worker, watching)
            else:
                _run(worker, watching)
    return spent.told()


def _turn(worker: Worker, watching: psycopg.Connection) -> None:
    give_up_at = time.monotonic() + GIVE_UP_AFTER
    while worker.turn() or _left(watching) != (0, 0):
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{_left(watching)} are still there.")


def _run(worker: Worker, watching: psycopg.Connection) -> None:
    """The worker ends as soon as somebody who looks from outside sees that nothing is left, or by itself."""
    watch = threading.Thread(target=_watch, args=(watching, worker.stop.is_set, worker.stop.set), daemon=True)
    watch.start()
    worker_module.main(worker)
    watch.join()
    left = _left(watching)
    if left != (0, 0):
        raise TimeoutError(f"{left} are still there.")


def _watch(watching: psycopg.Connection, is_over: Callable[[], bool], end: Callable[[], None]) -> None:
    give_up_at = time.monotonic() + GIVE_UP_AFTER
    while not is_over() and time.monotonic() < give_up_at and _is_anything_left(watching):
        time.sleep(LOOK_EVERY)
    end()


def _is_anything_left(watching: psycopg.Connection) -> bool:
    row = watching.execute(
        "SELECT EXISTS (SELECT 1 FROM cases_casereview WHERE review_at <= clock_timestamp())"
        " OR EXISTS (SELECT 1 FROM mail_message WHERE state = 'approved')"  # each of the two has an index of its own
        " OR EXISTS (SELECT 1 FROM mail_message WHERE state = 'sending')"
    ).fetchone()
    assert row is not None
    return bool(row[0])


def _left(watching: psycopg.Connection) -> tuple[int, int]:
    """How many cases are due, and how many mails are about to go."""
    row = watching.execute(
        "SELECT (SELECT count(*) FROM cases_casereview WHERE review_at <= clock_timestamp()),"
        " (SELECT count(*) FROM mail_message WHERE state IN ('approved', 'sending'))"
    ).fetchone()
    assert row is not None
    due, mails = row
    return int(due), int(mails)

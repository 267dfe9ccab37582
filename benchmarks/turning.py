"""How long does one worker process take until nothing is left to do? The real worker's turns, one after the other."""

from __future__ import annotations

import time

from django.db import connection

from benchmarks.measuring import measured
from benchmarks.processes import Line
from caseloop.config.worker import Worker
from caseloop.mail.models import Mailbox

GIVE_UP_AFTER = 900.0
PAUSE = 0.01


def until_idle(line: Line, *, smtp: tuple[str, int] | None = None, profile: bool = False) -> dict[str, float]:
    """Seconds of the clock and of CPU, and statements, until no case is due and no mail waits to be sent."""
    if smtp:
        Mailbox.objects.update(smtp_host=smtp[0], smtp_port=smtp[1])
    worker = Worker(reads_mailboxes=False)
    worker.now()
    line.wait()
    with measured(profile=profile) as spent:
        give_up_at = time.monotonic() + GIVE_UP_AFTER
        while worker.turn() or _is_something_left():
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{_left()} are still there.")
    return spent.told()


def _is_something_left() -> bool:
    """Asked when a turn found nothing: another worker may hold what is left."""
    if _left() == (0, 0):
        return False
    time.sleep(PAUSE)
    return True


def _left() -> tuple[int, int]:
    """How many cases are due, and how many mails are about to go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM cases_casereview WHERE review_at <= clock_timestamp()),"
            " (SELECT count(*) FROM mail_message WHERE state IN ('approved', 'sending'))"
        )
        due, mails = cursor.fetchone() or (0, 0)
        return int(due), int(mails)

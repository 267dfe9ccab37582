"""An hour of a worker's life in short: rounds of three minutes by the database's clock, and its memory after each."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.processes import Line
from benchmarks.sweeping import TOMORROW, old_enough
from caseloop.administration import clock
from caseloop.cases.models import CaseReview
from caseloop.config.worker import Worker
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.models import Message

ROUND = timedelta(minutes=3)
IDLE = 0.1
ROUND_WITHIN = 300.0


def an_hour(line: Line, *, rounds: int, due: int) -> dict[str, Any]:
    """RSS and PSS in MiB after each round, at the start, and RSS at its most."""
    worker = Worker()
    ids = old_enough(rounds * due)
    now = clock.now()
    CaseReview.objects.filter(review_at__lte=now).update(review_at=now + TOMORROW)
    Message.objects.filter(state=MessageState.APPROVED.value).update(not_before=now + TOMORROW)
    line.wait()
    worker.turn()
    at_start = _memory()["Rss"]
    each: list[dict[str, float]] = []
    swept: set[Any] = {worker._swept_at}
    for number in range(rounds):
        clock.advance(ROUND)
        CaseReview.objects.filter(pk__in=ids[number::rounds]).update(review_at=clock.now())
        give_up_at = time.monotonic() + ROUND_WITHIN
        while worker.turn() or _is_something_left():
            time.sleep(0 if time.monotonic() < give_up_at else _give_up())
        swept.add(worker._swept_at)
        each.append(_memory())
    worker.stop.set()
    worker.close()
    return {
        "rss": [memory["Rss"] for memory in each],
        "pss": [memory["Pss"] for memory in each],
        "at_start": at_start,
        "most": _most(),
        "sweeps": len(swept),
    }


def _give_up() -> float:
    raise TimeoutError("A round of the worker does not come to its end.")


def _is_something_left() -> bool:
    """Whether a case is due or waits for its proof, or a mail is about to go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM cases_casereview WHERE review_at <= %(now)s OR waits_for_proof)"
            " OR EXISTS (SELECT 1 FROM mail_message WHERE state IN ('approved', 'sending') AND not_before <= %(now)s)",
            {"now": clock.now() + timedelta(minutes=1)},
        )
        (is_left,) = cursor.fetchone() or (False,)
    if is_left:
        time.sleep(IDLE)
    return bool(is_left)


def _memory() -> dict[str, float]:
    """`Rss` and `Pss` of this process in MiB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    words = (line.split() for line in lines)
    return {name.rstrip(":"): int(amount) / 1024 for name, amount, *_ in words}


def _most() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

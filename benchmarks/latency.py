"""How long after it is due does a follow-up reach the mail server, and how soon does an answer stop a series?

An otherwise idle system: `caseloop worker` as it is started in production, PostgreSQL, and SMTP and IMAP servers in a
process of their own. `due_to_handover_p99_s`: from the moment when a case's wait is over (no proof of silence can be
older than that) to the moment when the SMTP server has its mail; silence is proven in between by a reading of the
mailbox. `answer_to_stop_p99_s`: from the moment when a customer's mail lies in the mailbox, of which the worker hears
by IMAP IDLE, to the moment when the database shows that the series has ended. Moments are irregular, so that nothing
beats time with the loop. 99th percentiles of 120 samples each; p50 is told besides.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

import psycopg

from benchmarks.figures import Figure
from benchmarks.mail_place import SUPPORT, MailPlace, connect, mail_place
from benchmarks.processes import ROOT, environment
from benchmarks.runs import Run

LEAD = 3.0
READY_WITHIN = 60.0
ARRIVES_WITHIN = 30.0
LOOK_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Sizes:
    """`cases` wait; of each kind there are `samples`, `apart` milliseconds apart on average."""

    cases: int = 25_000
    samples: int = 120
    apart: int = 600


SMALL = Sizes(cases=100, samples=5, apart=400)


class NeverHappened(Exception):
    """Some mails did not arrive, or some answers stopped nothing."""


def measure(run: Run) -> list[Figure]:
    """Both waits, in seconds."""
    sizes = run.sizes(Sizes(), SMALL)
    state = run.state(cases=sizes.cases)
    with run.server.copy(state) as url, mail_place() as place:
        connect(url, place)
        with _worker(url), psycopg.connect(url, autocommit=True) as database:
            _wait_for("the first reading", READY_WITHIN, lambda: _has_read(database))
            run.say("the worker is there")
            due = _due_to_handover(database, place, sizes)
            answered = _answer_to_stop(database, place, sizes)
    return [*_figures("due_to_handover", due), *_figures("answer_to_stop", answered)]


def _figures(name: str, seconds: Sequence[float]) -> list[Figure]:
    parts = quantiles(seconds, n=100, method="inclusive")
    return [Figure(f"{name}_p99_s", parts[98], "s", tuple(seconds)), Figure(f"{name}_p50_s", parts[49], "s")]


@contextmanager
def _worker(url: str) -> Iterator[None]:
    """`caseloop worker`: the parent that starts it again, and the process that works."""
    command = [sys.executable, "-m", "caseloop", "worker"]
    process = subprocess.Popen(command, env=environment(url), cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _has_read(database: psycopg.Connection[Any]) -> bool:
    row = database.execute("SELECT bool_and(reader IS NOT NULL AND read_through_at > connected_at) FROM mail_mailbox")
    return bool((row.fetchone() or (False,))[0])


def _due_to_handover(database: psycopg.Connection[Any], place: MailPlace, sizes: Sizes) -> list[float]:
    """The wait of each sample's series is made to be over at a moment that lies ahead."""
    moments = {case_id: time.time() + LEAD + after for case_id, after in _irregular(1, sizes)}
    values = {
        "ids": list(moments),
        "moments": [datetime.fromtimestamp(moment, UTC) for moment in moments.values()],
    }
    for statement in IS_OVER_AT:
        database.execute(statement, values)
    addresses = dict(
        database.execute(
            "SELECT c.id, a.address FROM cases_case c JOIN cases_contactaddress a ON a.contact_id = c.contact_id"
            " WHERE c.id = ANY(%s)",
            [list(moments)],
        ).fetchall()
    )
    time.sleep(max(0.0, max(moments.values()) - time.time()))
    _wait_for("all follow-ups", ARRIVES_WITHIN, lambda: len(place.arrived()) >= sizes.samples)
    arrived = place.arrived()
    return [arrived[addresses[case_id]] - moment for case_id, moment in moments.items()]


IS_OVER_AT = [
    """
    UPDATE mail_message m SET sent_at = d.at - interval '48 hours', occurred_at = d.at - interval '48 hours',
           approved_at = d.at - interval '48 hours'
      FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS d(id, at)
     WHERE m.case_id = d.id AND m.direction = 'out'""",
    """
    UPDATE followups_enrolment e SET started_at = d.at - interval '47 hours 59 minutes'
      FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS d(id, at) WHERE e.case_id = d.id""",
    """
    UPDATE cases_case c SET last_outbound_at = d.at - interval '48 hours'
      FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS d(id, at) WHERE c.id = d.id""",
    """
    UPDATE cases_casereview r SET review_at = d.at
      FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS d(id, at) WHERE r.case_id = d.id""",
]


def _answer_to_stop(database: psycopg.Connection[Any], place: MailPlace, sizes: Sizes) -> list[float]:
    """Customers answer, one after the other; the database is asked on and on whose series has ended."""
    began = time.time() + 1.0
    waiting = {case_id: began + after for case_id, after in _irregular(1 + sizes.samples, sizes)}
    delivered: dict[int, float] = {}
    stopped: dict[int, float] = {}

    def all_stopped() -> bool:
        for case_id, moment in list(waiting.items()):
            if moment <= time.time():
                delivered[case_id] = place.deliver(_answer(database, case_id))
                del waiting[case_id]
        open_ones = [case_id for case_id in delivered if case_id not in stopped]
        rows = database.execute(
            "SELECT case_id FROM followups_enrolment WHERE case_id = ANY(%s) AND state = 'ended'", [open_ones]
        ).fetchall()
        stopped.update({case_id: time.time() for (case_id,) in rows})
        return len(stopped) == sizes.samples

    last = max(waiting.values()) - time.time()
    _wait_for("the end of all series that were answered", last + ARRIVES_WITHIN, all_stopped)
    return [stopped[case_id] - at for case_id, at in delivered.items()]


def _answer(database: psycopg.Connection[Any], case_id: int) -> bytes:
    row = database.execute(
        "SELECT to_addresses[1], subject, message_id FROM mail_message WHERE case_id = %s AND direction = 'out'",
        [case_id],
    ).fetchone()
    assert row is not None
    address, subject, message_id = row
    return (
        f"From: <{address}>\r\nTo: {SUPPORT}\r\nSubject: {subject.encode('ascii', 'replace').decode()}\r\n"
        f"Message-ID: <answer.{case_id}@company.example>\r\nIn-Reply-To: {message_id}\r\nReferences: {message_id}\r\n"
        "Date: Mon, 23 Nov 2026 10:14:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Hello, it still stops after a minute. What can we do now?\r\n"
    ).encode()


def _irregular(first: int, sizes: Sizes) -> list[tuple[int, float]]:
    """So many case numbers from `first` on, and after how many seconds it is their turn."""
    dice = random.Random(20261123)
    found, after = [], 0.0
    for case_id in range(first, first + sizes.samples):
        after += dice.uniform(0.5, 1.5) * sizes.apart / 1000
        found.append((case_id, after))
    return found


def _wait_for(what: str, seconds: float, is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise NeverHappened(f"{what} did not come within {seconds:.0f} s")
        time.sleep(LOOK_EVERY)

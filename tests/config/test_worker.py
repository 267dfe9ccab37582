"""The worker as processes: it ends when it is asked to, and is started again when it dies without being asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import OperationalError, connection

from caseloop.config.supervisor import Supervisor
from caseloop.config.worker import Worker
from caseloop.followups import guard
from caseloop.followups.models import RuleRamp, SuggestedAction
from tests import factories
from tests.followups.loop import a_rule, look, read_mailboxes, silent_cases
from tests.postgres import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment() -> Mapping[str, str]:
    """The test database, for a process of its own."""
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "caseloop.config.settings"}


@contextmanager
def running(arguments: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "caseloop", *arguments], env=dict(environment))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    ends_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends_at, f"not within {seconds} s"
        time.sleep(0.05)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def forget_the_beat() -> None:
    RuleRamp.objects.update(began_at=LONG_AGO, last_seen_at=LONG_AGO)


def has_beaten() -> bool:
    """A worker is at its first turn, by its own clock."""
    return RuleRamp.objects.filter(last_seen_at__gt=LONG_AGO).exists()


def workers() -> set[int]:
    """The database connections of worker processes, other than this one's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_within_ten_seconds_of_being_asked(
    asked_by: signal.Signals, environment: Mapping[str, str], monday: datetime
) -> None:
    a_rule("full", monday)
    forget_the_beat()
    factories.mailbox(imap_port=9, smtp_port=9)  # nobody answers there
    with running(["worker", "--alone"], environment) as worker:
        until(has_beaten)
        began = time.monotonic()
        worker.send_signal(asked_by)
        assert worker.wait(timeout=15) == 0
        assert time.monotonic() - began < 10


def test_being_asked_twice_at_once_does_not_hang_it(environment: Mapping[str, str], monday: datetime) -> None:
    """The parent and the terminal both ask; a lock taken in a signal handler would wait for itself."""
    a_rule("full", monday)
    forget_the_beat()
    with running(["worker", "--alone"], environment) as worker:
        until(has_beaten)
        began = time.monotonic()
        for _ in range(200):
            worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=15) == 0
        assert time.monotonic() - began < 10


def test_a_killed_worker_is_started_again_by_its_parent(environment: Mapping[str, str], monday: datetime) -> None:
    from caseloop.config.serve import worker

    a_rule("full", monday)
    forget_the_beat()
    others = workers()  # a page test's server may still hold one
    child = worker(environment)
    parent = Supervisor([child])
    ends = threading.Event()

    def keep_running() -> None:
        while not ends.is_set():
            parent.look()
            ends.wait(0.1)

    thread = threading.Thread(target=keep_running, daemon=True)
    thread.start()
    try:
        until(has_beaten)
        assert child.process is not None
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        until(lambda: child.process is not None and child.process.pid != first)
        forget_the_beat()
        until(has_beaten)
        assert child.ended == 1
    finally:
        ends.set()
        thread.join()
        parent.end()
    until(lambda: workers() <= others)


def test_what_a_killed_worker_had_claimed_is_done_by_the_next_one(monday: datetime) -> None:
    """P6: the lease ends by itself."""
    import uuid

    from caseloop.followups.review import claim

    a_rule("full", monday - timedelta(days=1))
    silent_cases(3, monday)
    look(monday)
    wednesday = monday + timedelta(hours=48, seconds=2)
    assert len(claim(wednesday, uuid.uuid4(), 100)) == 3
    later = wednesday + timedelta(minutes=5)
    read_mailboxes(later)
    worker = Worker(now=lambda: later, reads_mailboxes=False)
    worker.turn()
    assert SuggestedAction.objects.count() == 3


def test_after_a_stop_the_ramp_begins_again_before_anything_is_done(monday: datetime) -> None:
    """Spec 2.11: a worker that starts after a day looks at its ramps first."""
    rule = a_rule("full", monday - timedelta(days=30))
    silent_cases(30, monday)
    look(monday)
    guard.heartbeat(monday)
    wednesday = monday + timedelta(hours=48, seconds=2)
    read_mailboxes(wednesday)
    worker = Worker(now=lambda: wednesday, reads_mailboxes=False)
    worker.turn()
    assert RuleRamp.objects.get(rule=rule).began_at == wednesday
    assert SuggestedAction.objects.count() == 20


def test_a_beat_that_the_database_did_not_take_is_given_before_anything_else(monday: datetime) -> None:
    """Spec 2.11: a start while PostgreSQL restarts must not let the ramp of yesterday go on."""
    rule = a_rule("full", monday - timedelta(days=30))
    silent_cases(30, monday)
    look(monday)
    guard.heartbeat(monday)
    wednesday = monday + timedelta(hours=48, seconds=2)
    read_mailboxes(wednesday)
    is_lost = [True]

    def now() -> datetime:
        if is_lost:
            is_lost.pop()
            raise OperationalError("the database system is starting up")
        return wednesday

    worker = Worker(now=now, reads_mailboxes=False)
    with pytest.raises(OperationalError):
        worker.turn()
    worker.turn()
    assert RuleRamp.objects.get(rule=rule).began_at == wednesday
    assert SuggestedAction.objects.count() == 20

"""Two and ten workers on the same cases, and workers whose clocks are an hour off beside one whose clock is right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from caseloop.administration import clock
from caseloop.administration.clock import ClockOffset
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, CaseReview
from tests import factories
from tests.faults.outcomes import Outcomes
from tests.faults.real_workers import real_workers, until
from tests.faults.world import MONDAY_9, Play, World
from tests.postgres import database_url

CUSTOMERS = [f"customer{number}@cafe.example" for number in range(24)]
LOUD = CUSTOMERS[::6]
SILENT = [address for address in CUSTOMERS if address not in LOUD]
HOUR = 3600
TICK = timedelta(milliseconds=50)


def many_follow_ups_are_due(play: Play) -> None:
    """24 customers have been silent for 48 hours, but for four, whose answers nobody has read yet."""
    play.rule("full", follow_ups=2)
    for number, address in enumerate(CUSTOMERS):
        contact = factories.contact(f"Customer {number}", address)
        play.we_write(play.case(f"Contoso Coffee: grinder {number}", contact=contact), to=address)
    play.now = MONDAY_9 + timedelta(hours=47)
    play.settle()
    play.now = MONDAY_9 + timedelta(hours=48, minutes=1)
    for address in LOUD:
        play.customer_writes("No, it still does not work.", sender=address)


def each_silent_one_got_one(play: Play) -> None:
    play.finish()
    assert [play.automatic_mails(address) for address in SILENT] == [1] * len(SILENT)
    assert [play.automatic_mails(address) for address in LOUD] == [0] * len(LOUD)


@pytest.mark.parametrize("number", [2, 10])
def test_several_workers_on_the_same_cases_send_each_mail_once(world: World, outcomes: Outcomes, number: int) -> None:
    with world.play(world.scene(many_follow_ups_are_due)) as play:
        before = len(play.sink.accepted)
        with real_workers(play, number):
            until(play, lambda: len(play.sink.accepted) >= before + len(SILENT))
        each_silent_one_got_one(play)
        outcomes.hold(f"{number} workers on the same cases", play, follow_ups=2)


@pytest.fixture(scope="module")
def wrong_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes the wall clock of the process that it is loaded into wrong."""
    compiler = (
        shutil.which("cc") or shutil.which("gcc") or pytest.skip("one process's own wrong clock needs a C compiler")
    )
    library = tmp_path_factory.mktemp("clock") / "wrong_clock.so"
    source = Path(__file__).with_name("wrong_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def off_by(seconds: int, library: Path) -> dict[str, str]:
    """The environment of a process whose clock is so far off."""
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    wrong = {"LD_PRELOAD": str(library), "CLOCK_OFF": str(seconds)} if seconds else {}
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "caseloop.config.settings", **wrong}


@contextmanager
def command_worker(environment: dict[str, str]) -> Iterator[None]:
    """`caseloop worker` until the end of the block."""
    process = subprocess.Popen([sys.executable, "-m", "caseloop", "worker", "--alone"], env=environment)
    try:
        yield
        process.terminate()
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


def set_clocks(play: Play, moment: datetime) -> None:
    """It is that time for PostgreSQL, whom every worker asks, and for the mail servers."""
    row, _ = ClockOffset.objects.get_or_create(id=1)
    ClockOffset.objects.filter(id=1).update(offset=row.offset + (moment - clock.now()))
    play.now = moment


def test_workers_whose_clocks_are_an_hour_off_send_nothing_early_nothing_late_and_nothing_twice(
    world: World, wrong_clock: Path, outcomes: Outcomes
) -> None:
    said = subprocess.check_output(
        [sys.executable, "-c", "import time; print(time.time())"], env={**os.environ, **off_by(HOUR, wrong_clock)}
    )
    assert HOUR - 60 < float(said) - time.time() < HOUR + 60, "the clock is wrong there"

    with world.play(world.scene(many_follow_ups_are_due)) as play:
        half_past_eight = MONDAY_9 + timedelta(hours=47, minutes=30)
        before = len(play.sink.accepted)
        set_clocks(play, half_past_eight)
        with ExitStack() as workers:
            for seconds in (HOUR, -HOUR, 0):
                workers.enter_context(command_worker(off_by(seconds, wrong_clock)))
            for _ in range(2):
                mark(Case.objects.values_list("pk", flat=True), half_past_eight)
                until(play, lambda: not CaseReview.objects.filter(review_at__lte=clock.now()).exists(), TICK)
            assert len(play.sink.accepted) == before, "half an hour early for a clock that is an hour ahead"

            set_clocks(play, MONDAY_9 + timedelta(hours=48, minutes=1))
            until(play, lambda: len(play.sink.accepted) >= before + len(SILENT), TICK)
        dated = [parsedate_to_datetime(play.last_mail_to(address)["Date"]) for address in SILENT]
        assert all(abs(date - play.now) < timedelta(minutes=5) for date in dated)
        each_silent_one_got_one(play)
        outcomes.hold("Clocks of two workers an hour ahead and behind, a third one's right", play, follow_ups=2)

"""PostgreSQL is restarted, killed, or has no room left, in the middle of everything: the worker waits and goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from caseloop.cases.models import CaseReview
from tests import factories
from tests.faults.outcomes import Outcomes
from tests.faults.postgres_server import PostgresServer
from tests.faults.real_workers import Hold, real_reader, real_workers, until
from tests.faults.world import LEASES_END_AFTER, MONDAY_9, Play, World
from tests.postgres import fast_folder

CUSTOMERS = [f"customer{number}@cafe.example" for number in range(6)]
LOUD = CUSTOMERS[0]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="caseloop-faults-", dir=fast_folder()))
    folder.chmod(0o711)
    made = PostgresServer(folder)
    made.start()
    yield made
    made.destroy()
    shutil.rmtree(folder)


def follow_ups_are_due_and_an_answer_lies_there(play: Play) -> None:
    """Six customers have been silent for 48 hours, but for one, whose answer nobody has read yet."""
    play.rule("full", follow_ups=2)
    for number, address in enumerate(CUSTOMERS):
        contact = factories.contact(f"Customer {number}", address)
        play.we_write(play.case(f"Contoso Coffee: grinder {number}", contact=contact), to=address)
    play.now = MONDAY_9 + timedelta(hours=47)
    play.settle()
    play.now = MONDAY_9 + timedelta(hours=48, minutes=1)
    play.customer_writes("No, it still does not work.", sender=LOUD)


MIDDLE = {
    "it writes what it reviewed": lambda name: name == "INSERT followups_reading",
    "it hands a mail over": lambda name: name.startswith("socket sendall b'DATA"),
    "it records that a mail was taken": lambda name: name == "WITH mail_sendingclaim",
}
FAULTS = {"restarted": PostgresServer.restart, "killed": PostgresServer.kill_and_start}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("middle", MIDDLE)
def test_a_worker_waits_for_a_database_that_ended_under_it_and_goes_on(
    world: World, server: PostgresServer, outcomes: Outcomes, middle: str, fault: str
) -> None:
    with world.play(world.scene(follow_ups_are_due_and_an_answer_lies_there), server) as play:
        hold = Hold(MIDDLE[middle])
        with real_workers(play, hold=hold):
            until(play, hold.is_reached)
            FAULTS[fault](server)
            hold.let_go()
            play.now += LEASES_END_AFTER
            until(play, lambda: len(play.sink.accepted) >= 11)
        comes_out_right(play)
        outcomes.hold(f"PostgreSQL is {fault} while a worker reviews, sends, records or reads", play, follow_ups=2)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_reader_waits_for_a_database_that_ended_under_it_and_goes_on(
    world: World, server: PostgresServer, outcomes: Outcomes, fault: str
) -> None:
    with world.play(world.scene(follow_ups_are_due_and_an_answer_lies_there), server) as play:
        hold = Hold(lambda name: name == "INSERT mail_inboundmail")
        with real_reader(play, hold), real_workers(play, reads_mailboxes=False):
            until(play, hold.is_reached)
            FAULTS[fault](server)
            hold.let_go()
            play.now += LEASES_END_AFTER
            until(play, lambda: len(play.sink.accepted) >= 11)
        comes_out_right(play)
        outcomes.hold(f"PostgreSQL is {fault} while a worker reviews, sends, records or reads", play, follow_ups=2)


@pytest.fixture(scope="module")
def small_server() -> Iterator[PostgresServer]:
    """A server on a file system with room for its databases and no more, once that is filled."""
    place = Path(tempfile.mkdtemp(prefix="caseloop-faults-", dir=fast_folder()))
    place.chmod(0o711)
    disk = place / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=0711", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        shutil.rmtree(place)
        pytest.skip("a small disk needs root who may mount")
    made = PostgresServer(disk, log=place / "log")
    made.start()
    yield made
    made.destroy()
    subprocess.run(["umount", str(disk)], check=True)
    shutil.rmtree(place)


def fill(disk: Path) -> Path:
    """Take all the room that is left."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(65536)) == 65536:
            pass
    return filler


@pytest.mark.parametrize("middle", MIDDLE)
def test_a_worker_waits_for_room_on_a_full_disk_and_goes_on(
    world: World, small_server: PostgresServer, outcomes: Outcomes, middle: str
) -> None:
    server = small_server
    with world.play(world.scene(follow_ups_are_due_and_an_answer_lies_there), server) as play:
        hold = Hold(MIDDLE[middle])
        with real_workers(play, hold=hold):
            until(play, hold.is_reached)
            server.forget_what_it_said()
            filler = fill(server.folder)
            hold.let_go()
            until(play, lambda: server.said("No space left on device"))
            filler.unlink()
            if not server.is_running():
                server.start()
            play.now += LEASES_END_AFTER
            until(play, lambda: len(play.sink.accepted) >= 11)
        comes_out_right(play)
        assert not CaseReview.objects.exclude(last_error="").exists(), "it is nobody's case that is broken"
        outcomes.hold("PostgreSQL has no room left while a worker reviews, sends or records", play, follow_ups=2)


def comes_out_right(play: Play) -> None:
    """Everybody who was silent has got one follow-up, and the one who answered none."""
    play.finish()
    assert [play.automatic_mails(address) for address in CUSTOMERS] == [0, 1, 1, 1, 1, 1]

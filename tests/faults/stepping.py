"""Two workers, one operation at a time: who goes next, and who dies, is chosen by a seed.

Each child stops before every operation and asks its parent. So what two processes do at once happens in an order that
the seed repeats. Who waits for a lock of the other is left alone until it moves again.
"""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from tests.faults.operations import watched
from tests.faults.processes import Child, Tell
from tests.faults.world import Play

MAY_TAKE = 0.02
"""Seconds. Of who has not come to its next operation by then it is asked whether it waits for a lock."""
GIVEN_UP_AFTER = 60.0


@dataclass(frozen=True)
class Death:
    """Before the operation of that number, among those whose names begin with `only`."""

    number: int
    only: str = ""


@dataclass
class Stepped:
    """One worker that asks before each operation; `story` is what it did."""

    name: str
    death: Death | None
    child: Child
    asks: int
    may_go: int
    story: list[str] = field(default_factory=list)
    counted: int = 0
    is_waiting: bool = False
    has_ended: bool = False

    def listen(self, seconds: float) -> bool:
        """Whether it now waits to be let go, or has ended."""
        if not select.select([self.asks], [], [], seconds)[0]:
            return False
        said = os.read(self.asks, 200)
        self.is_waiting, self.has_ended = bool(said), not said
        if said:
            operation = said.decode(errors="replace").rstrip()
            self.counted += bool(self.death and operation.startswith(self.death.only))
            self.story.append(f"{self.name} {len(self.story) + 1}: {operation}")
        return True

    def go_on(self) -> None:
        """Let it do the operation that it asks for, or kill it there."""
        self.is_waiting = False
        if self.death and self.counted == self.death.number:
            os.kill(self.child.pid, signal.SIGKILL)
            self.story.append(f"{self.name} killed")
        else:
            os.write(self.may_go, b".")

    def bury(self) -> None:
        os.close(self.asks)
        os.close(self.may_go)
        self.child.wait()


def side_by_side(play: Play, chance: random.Random, deaths: list[Death | None], rounds: int) -> list[str]:
    """As many workers as `deaths` work together, each for so many rounds or until its death. Returns what they did, in
    order."""
    workers = [_start(play, f"worker {number}", death, rounds) for number, death in enumerate(deaths, 1)]
    story: list[str] = []
    gives_up_at = time.monotonic() + GIVEN_UP_AFTER
    _until_they_rest(workers)
    while ready := [worker for worker in workers if worker.is_waiting]:
        assert time.monotonic() < gives_up_at, "\n".join([*story, "This does not end."])
        worker = chance.choice(ready)
        worker.go_on()
        story.append(worker.story[-1])
        _until_they_rest(workers)
    for worker in workers:
        worker.bury()
    return story


def _until_they_rest(workers: Sequence[Stepped]) -> None:
    """Until each one asks to go on, has ended, or waits for a lock of another one."""
    while moving := [worker for worker in workers if not (worker.is_waiting or worker.has_ended)]:
        if any(worker.listen(0) for worker in moving):
            continue
        heard, _, _ = select.select([worker.asks for worker in moving], [], [], MAY_TAKE)
        if not heard and _waiting_for_locks() >= len(moving):
            assert len(moving) < len(workers), "They wait for each other."
            return


def _waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def _start(play: Play, name: str, death: Death | None, rounds: int) -> Stepped:
    asks, tells = os.pipe()
    hears, may_go = os.pipe()

    def gate(operation: str) -> None:
        os.write(tells, f"{operation}\n".encode()[:200])
        if not os.read(hears, 1):
            os._exit(0)  # the test is over

    @contextmanager
    def around(tell: Tell) -> Iterator[None]:
        os.close(asks)
        os.close(may_go)
        with watched(gate):
            yield

    child = play.fork_worker(around, rounds=rounds)
    os.close(tells)
    os.close(hears)
    return Stepped(name, death, child, asks, may_go)

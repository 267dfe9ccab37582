"""Killing a worker at every I/O operation of an act: deterministic and complete.

The act runs again and again from the same scene, in a new child each time, and is killed before its first operation,
before its second one, and so on until it comes through. What happens between the end of one operation and the begin of
the next is seen by nobody, so these are all the moments there are. Where a kill leaves a state that an earlier one has
left, that one's end is its end; every other state is finished by a healthy worker and held to the promises.

`make faults` kills at every operation. The tests of every day leave out a SELECT that follows a SELECT: nothing has
happened between the two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from caseloop.config.worker import Worker
from tests.faults.left_behind import left_behind
from tests.faults.operations import Count, KillAt, watched
from tests.faults.outcomes import Outcomes
from tests.faults.processes import Tell
from tests.faults.promises import Aftermath
from tests.faults.world import Around, Play, Scene, World

Act = Callable[[Worker], object]
ONLY_AT = "KILL_AT"
"""Names the one operation to be killed at, to look into a failure."""
EVERY = "KILL_AT_EVERY"
"""Set: leave out none."""


@dataclass
class Killed:
    """How many operations the act has, how many different states the kills left, and how each of these ended."""

    operations: int = 0
    ends: dict[str, Aftermath] = field(default_factory=dict)

    @property
    def unconfirmed_at_most(self) -> int:
        return max(end.unconfirmed for end in self.ends.values())


def kill_everywhere(
    world: World,
    outcomes: Outcomes,
    scene: Scene,
    act: Act,
    act_name: str,
    *,
    follow_ups: int = 3,
    then: Callable[[Play], list[str]] = lambda play: [],
) -> Killed:
    """Kill the act before each of its operations, in turn; raises `AssertionError` with all that was broken, and where.

    `then` says what else is wrong after the healthy worker: a mail that should have gone, a case that should be closed.
    """
    fault = f"Worker killed at each operation of: {act_name}"
    killed, broken = Killed(len(names := operations_of(world, scene, act))), []
    for number in points(names):
        with world.play(scene) as play:
            end = play.fork_worker(killing_at(number), work=act).wait()
            assert end.was_killed == (number <= len(names)), f"{fault}: another operation {number} than before"
            play.sink.come_to_rest()
            left = left_behind(play)
            if left in killed.ends:
                outcomes.add(fault, killed.ends[left])
                continue
            play.finish()
            after = killed.ends[left] = outcomes.count(fault, play, follow_ups=follow_ups)
            after.broken.lost += then(play)
            if wrong := after.broken.sentences():
                broken += [f"killed at {number}, before {end.said or 'nothing'}:", *wrong]
    assert not broken, "\n".join([f"{fault} (look into one with {ONLY_AT}=…)", *broken])
    return killed


def operations_of(world: World, scene: Scene, act: Act) -> list[str]:
    """The names of the act's operations, in order."""

    @contextmanager
    def around(tell: Tell) -> Iterator[None]:
        with watched(count := Count()):
            yield
        tell("\n".join(count.names))

    with world.play(scene) as play:
        return play.fork_worker(around, work=act).wait().said.split("\n")


def points(names: Sequence[str]) -> list[int]:
    """The numbers of the operations to kill at, and one more for an act that comes through."""
    if only := os.environ.get(ONLY_AT):
        return [int(only)]
    every = range(1, len(names) + 2)
    if os.environ.get(EVERY):
        return list(every)
    reads = [name.startswith("SELECT") for name in names]
    return [number for number in every if not (1 < number <= len(names) and reads[number - 1] and reads[number - 2])]


def killing_at(number: int, only: str = "") -> Around:
    """For `Play.fork_worker`: end before the operation of that number, among those whose names begin with `only`."""

    @contextmanager
    def around(tell: Tell) -> Iterator[None]:
        with watched(KillAt(number, tell, only)):
            yield

    return around

"""Small runs: a few cases, two weeks, an hour a step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from caseloop.simulation.command import story_of
from caseloop.simulation.promises import PromiseBroken
from caseloop.simulation.run import Parts, Simulation, Wanted

AN_HOUR = timedelta(hours=1)


def a_run(
    seed: int, *, cases: int = 12, days: int = 10, faults: bool = False, parts: Parts | None = None
) -> Simulation:
    return Simulation(Wanted(cases, days, seed, faults, AN_HOUR), parts or Parts())


def broken_by(parts: Parts, *, seed: int = 1, faults: bool = False) -> tuple[PromiseBroken, list[str]]:
    """Run with these parts until a promise is broken: which, and the story that is told."""
    simulation = a_run(seed, parts=parts, faults=faults)
    with pytest.raises(PromiseBroken) as broken:
        simulation.run()
    return broken.value, story_of(simulation, broken.value, "caseloop simulate …")

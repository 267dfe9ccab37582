"""What the command prints, and with which code it ends."""

from __future__ import annotations

import json

import pytest

from caseloop.simulation.command import Asked, simulate
from caseloop.simulation.run import Parts
from tests.simulation.test_planted_defects import HandsOverTwice

SMALL = Asked(cases=6, days=5, seed=3, has_faults=False, as_json=True, step_minutes=60)


@pytest.mark.usefixtures("simulated")
def test_a_run_that_kept_its_promises_ends_with_0_and_prints_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(SMALL) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["seed"], found["days"], found["faults"]) == (3, 5, False)
    assert found["promises_checked"]["P4"] > 0


@pytest.mark.usefixtures("simulated")
def test_a_broken_promise_ends_with_1_and_prints_the_story_and_the_replay(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(SMALL, Parts(way_out=HandsOverTwice)) == 1
    told = capsys.readouterr().out.splitlines()
    assert "P4 is broken" in told[0]
    assert told[-1] == "Replay: caseloop simulate --cases 6 --days 5 --seed 3 --step 60"


def test_the_replay_says_all_that_the_run_depended_on() -> None:
    asked = Asked(cases=2000, days=90, seed=7, has_faults=True, as_json=False, step_minutes=30)
    assert asked.replay() == "caseloop simulate --cases 2000 --days 90 --seed 7 --faults"

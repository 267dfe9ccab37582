"""Every promise is kept with faults: ten small seeds on every change; many more by `caseloop simulate`."""

from __future__ import annotations

import pytest

from caseloop.simulation.run import Simulation
from caseloop.simulation.summary import lines_of, summary_of
from tests.simulation.conftest import begin_anew
from tests.simulation.runs import a_run

pytestmark = pytest.mark.usefixtures("simulated")


@pytest.mark.parametrize("seed", range(1, 11))
def test_ten_days_with_faults_keep_every_promise(seed: int) -> None:
    simulation = a_run(seed, cases=8, faults=True)
    simulation.run()
    checked = simulation.promises.checked + simulation.tables.checked
    assert checked["P2"] > 0
    assert checked["P5"] > 0


def test_the_same_seed_plays_the_same_story() -> None:
    first, second = a_run(7, faults=True), a_run(7, faults=True)
    first.run()
    begin_anew()
    second.run()
    assert _told(first) == _told(second)
    assert _told(first)


def _told(simulation: Simulation) -> list[str]:
    return [line for file in simulation.registry.files for line in simulation.story.lines(file)]


def test_silent_customers_are_followed_up_and_their_cases_closed_by_the_assistant() -> None:
    simulation = a_run(3, cases=24, days=34)
    simulation.run()
    found = summary_of(simulation)
    assert found["kinds"]["silent"]["closed_by_assistant"] > 0
    assert found["mails"]["a follow-up by the assistant"] > found["closed_by_assistant"] > 0
    assert "Every promise was kept." in "\n".join(lines_of(found))

"""`caseloop simulate`: months of many cases in minutes, every promise checked; a failing seed tells its story."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from caseloop.config import env
from caseloop.config.embedded import EmbeddedPostgresError

if TYPE_CHECKING:
    from caseloop.simulation.promises import PromiseBroken
    from caseloop.simulation.run import Parts, Simulation


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    cases: int
    days: int
    seed: int
    has_faults: bool
    as_json: bool
    step_minutes: int

    def replay(self) -> str:
        """The command that does the very same again."""
        words = ["caseloop", "simulate", "--cases", self.cases, "--days", self.days, "--seed", self.seed]
        words += ["--faults"] if self.has_faults else []
        words += ["--step", self.step_minutes] if self.step_minutes != STEP_MINUTES else []
        return shlex.join(str(word) for word in words)


STEP_MINUTES = 30


def run(asked: Asked) -> int:
    """Simulate; returns 0, or 1 when a promise was broken or there is no database to be had."""
    from caseloop.simulation import database

    url = env.text("DATABASE_URL")
    signal.signal(signal.SIGTERM, _end)
    try:
        with tempfile.TemporaryDirectory(prefix="caseloop-simulation-") as folder, database.own_database(url) as own:
            database.settle_environment(own, folder)
            return _simulate(asked)
    except EmbeddedPostgresError as error:
        print(f"caseloop: {error}", file=sys.stderr)
        return 1


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Asked to end: the database goes all the same."""
    raise KeyboardInterrupt


def _simulate(asked: Asked) -> int:
    os.environ.setdefault("CASELOOP_LOG_LEVEL", "CRITICAL")  # what goes wrong stands in the story
    import django

    django.setup()
    from django.core.management import call_command

    from caseloop.simulation import database

    call_command("migrate", verbosity=0, interactive=False)
    with database.simulated_time():
        return simulate(asked)


def simulate(asked: Asked, parts: Parts | None = None) -> int:
    """The run itself, in a database that tells simulated time; returns 1 when a promise was broken."""
    from caseloop.simulation.promises import PromiseBroken
    from caseloop.simulation.run import Parts, Simulation, Wanted
    from caseloop.simulation.summary import lines_of, summary_of

    step = timedelta(minutes=asked.step_minutes)
    wanted = Wanted(asked.cases, asked.days, asked.seed, asked.has_faults, step)
    simulation = Simulation(wanted, parts or Parts())
    try:
        simulation.run()
    except PromiseBroken as broken:
        print("\n".join(story_of(simulation, broken, asked.replay())))
        return 1
    found = summary_of(simulation)
    print(json.dumps(found, indent=2) if asked.as_json else "\n".join(lines_of(found)))
    return 0


def story_of(simulation: Simulation, broken: PromiseBroken, replay: str) -> list[str]:
    """What happened to the case, and how to see it again."""
    from caseloop.simulation.telling import lines_of_tables

    file, at = broken.file, simulation.clock.at
    head = [f"{at:%a %Y-%m-%d %H:%M:%S} UTC: {broken}."]
    if file is not None:
        customer = file.customer
        head.append(
            f"{file.name}: {customer.name} ({customer.kind.value}, {customer.language}, {customer.zone}),"
            f" rule {file.rule.name}"
        )
    more = lines_of_tables(file) if file is not None and file.pk else []
    return [*head, "", *simulation.story.lines(file, more), "", f"Replay: {replay}"]

"""How much more do two and four workers hand over than one, and where does it stop?

A backlog of due follow-ups is worked off by 1, 2 and 4 worker processes, each with its own connection to the same sink,
on fresh copies of the same database; `workers_N_speedup` is their mails per second beside those of one, median over
turns. `workers_N_cores_busy` is the CPU that workers, PostgreSQL and sink used together, per second: when it comes near
the number of cores, the machine is what stops it, and more workers only take turns.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.figures import Figure, of_turns
from benchmarks.handover import NotAllArrived
from benchmarks.processes import Part
from benchmarks.runs import Run, mailboxes_are_read
from benchmarks.sink import HOST, Sink, sink

WORKERS = (1, 2, 4)
FULL = 0.85


@dataclass(frozen=True, slots=True)
class Sizes:
    """`due` follow-ups among `cases`, each number of workers in each of `turns`."""

    cases: int = 25_000
    due: int = 5_000
    turns: int = 2


SMALL = Sizes(cases=300, due=60, turns=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How one backlog was worked off."""

    mails_per_s: float
    cores_busy: float


def measure(run: Run) -> list[Figure]:
    """Speed-up and mails per second for each number of workers."""
    sizes = run.sizes(Sizes(), SMALL)
    state = run.state(cases=sizes.cases, due=sizes.due, due_for="follow_up")
    with sink() as own:
        turns = [{number: _work_off(run, state, own, number, sizes) for number in WORKERS} for _ in range(sizes.turns)]
    found: list[Figure] = []
    for number in WORKERS:
        rates = [turn[number].mails_per_s for turn in turns]
        if number > 1:
            faster = [turn[number].mails_per_s / turn[1].mails_per_s for turn in turns]
            found.append(of_turns(f"workers_{number}_speedup", "times one", faster))
        found.append(of_turns(f"workers_{number}_mails_per_s", "mails/s", rates))
        found.append(of_turns(f"workers_{number}_cores_busy", "cores", [turn[number].cores_busy for turn in turns]))
    run.say(_where_it_stops(found))
    return found


def _work_off(run: Run, state: str, own: Sink, workers: int, sizes: Sizes) -> Backlog:
    with ExitStack() as stack:
        url = stack.enter_context(run.server.copy(state))
        stack.enter_context(mailboxes_are_read(url))
        parts = [
            stack.enter_context(Part("benchmarks.turning:until_idle", database_url=url, smtp=(HOST, own.port)))
            for _ in range(workers)
        ]
        before, began = run.server.cpu_seconds() + own.cpu_seconds(), time.perf_counter()
        for part in parts:
            part.go()
        told = [part.result() for part in parts]
        seconds = max(each["seconds"] for each in told)
        elapsed = time.perf_counter() - began
        cpu = run.server.cpu_seconds() + own.cpu_seconds() - before + sum(each["cpu"] for each in told)
    arrived = own.arrived()
    if (arrived.mails, arrived.different) != (sizes.due, sizes.due):
        raise NotAllArrived(f"{sizes.due} mails were due, and the sink has {arrived}.")
    run.say(f"{workers} workers: {sizes.due / seconds:,.0f} mails/s, {cpu / elapsed:.2f} cores busy")
    return Backlog(sizes.due / seconds, cpu / elapsed)


def _where_it_stops(found: list[Figure]) -> str:
    cores = os.cpu_count() or 1
    for figure in found:
        if figure.name.endswith("_cores_busy") and figure.value >= FULL * cores:
            number = figure.name.split("_")[1]
            return f"It stops at {number} workers: {figure.value:.2f} of {cores} cores are busy then."
    return f"It does not stop at {WORKERS[-1]} workers for want of cores: {found[-1].value:.2f} of {cores} are busy."

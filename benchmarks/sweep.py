"""Does the loop slow down when a million cases wait, and what does the safety sweep cost?

`sweep_growth`: milliseconds of the review loop for 1,000 due follow-ups (claimed, looked at, decided, rendered,
written; nothing is sent) among 1,000,000 waiting cases, divided by those among 10,000; both databases take turns, after
one turn each to warm up, and the figure is the median of the pairs. The due cases of a turn lie evenly among the rest.
`safety_sweep_core_share`: CPU of one safety sweep over the 1,000,000 cases, by three rules, client and PostgreSQL
together, as a share of the 15 minutes until the next; where PostgreSQL's CPU cannot be seen, the seconds it took.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.figures import Figure, of_turns
from benchmarks.processes import Part
from benchmarks.runs import Run, mailboxes_are_read

SWEEP_EVERY = 15 * 60.0
SPARE = 2
"""As many cases again are old enough to be due, for who uses the same database after us."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """`cases` and `few_cases` wait; in each of `turns` and one to warm up `due` of them are due."""

    cases: int = 1_000_000
    few_cases: int = 10_000
    due: int = 1_000
    turns: int = 6
    sweeps: int = 3


SMALL = Sizes(cases=1_000, few_cases=300, due=20, turns=2, sweeps=1)


class NotAllWritten(Exception):
    """Some of the due cases were not followed up, so the time doesn't count."""


def crowd(run: Run, cases: int) -> str:
    """The database with so many waiting cases; a share of them is old enough to be made due."""
    sizes = run.sizes(Sizes(), SMALL)
    return run.state(cases=cases, due=min(cases, (sizes.turns + 1) * sizes.due * SPARE))


def measure(run: Run) -> list[Figure]:
    """Growth, both times, and the safety sweep."""
    sizes = run.sizes(Sizes(), SMALL)
    urls = [run.server.url_of(crowd(run, cases)) for cases in (sizes.cases, sizes.few_cases)]
    with ExitStack() as stack:
        for url in urls:
            stack.enter_context(mailboxes_are_read(url))
        many, few = (
            stack.enter_context(
                Part(
                    "benchmarks.sweeping:serve",
                    database_url=url,
                    due=sizes.due,
                    groups=sizes.turns + 1,
                    profile=run.profile,
                )
            )
            for url in urls
        )
        many.ask("go")
        few.ask("go")
        pairs = [_pair(run, many, few, sizes) for _ in range(sizes.turns + 1)][1:]
        if run.profile:  # the last turn of each was profiled
            return []
        shares = [_share(run, many) for _ in range(sizes.sweeps)]
    return [
        of_turns("sweep_growth", "of few waiting", [a / b for a, b in pairs]),
        of_turns("sweep_many_ms", "ms/1,000 due", [a * 1000 * 1000 / sizes.due for a, _ in pairs]),
        of_turns("sweep_few_ms", "ms/1,000 due", [b * 1000 * 1000 / sizes.due for _, b in pairs]),
        of_turns("safety_sweep_core_share", "of a core", [cpu / SWEEP_EVERY for cpu, _ in shares]),
        of_turns("safety_sweep_s", "s", [seconds for _, seconds in shares]),
    ]


def _pair(run: Run, many: Part, few: Part, sizes: Sizes) -> tuple[float, float]:
    seconds = []
    for part in (few, many):
        told = part.ask("reviews")
        if told["written"] != sizes.due:
            raise NotAllWritten(f"{sizes.due} cases were due, {told['written']} follow-ups were written.")
        seconds.append(float(told["seconds"]))
    run.say(f"few {seconds[0] * 1000:,.0f} ms, many {seconds[1] * 1000:,.0f} ms")
    return seconds[1], seconds[0]


def _share(run: Run, many: Part) -> tuple[float, float]:
    """CPU seconds and seconds of one safety sweep."""
    before = run.server.cpu_seconds()
    told = many.ask("sweep")
    postgres = run.server.cpu_seconds() - before
    cpu = told["cpu"] + postgres if run.server.postmaster else told["seconds"]
    return cpu, told["seconds"]

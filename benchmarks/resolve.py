"""How many cases does one worker process close in a second, beside SQL by hand that writes the same rows?

`resolve_per_s`: closings for silence per second, through the real review loop (claimed, looked at, decided, locked,
decided again, written), until nothing is left to do. Each closing writes its resolution, cancels the open activities
(0.6 of them a case), sets the status, which makes a history event, and writes the lines of the timeline, the record of
the act, the end of the series and the review. `resolve_ratio` is that rate divided by the one of bare set statements
that write the same rows, 200 cases a transaction like the loop; afterwards the rows of both are compared. The rule
sends no closing notice. Both take turns on fresh copies of the same database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks import processes
from benchmarks.figures import Figure, of_turns
from benchmarks.runs import Run, mailboxes_are_read


@dataclass(frozen=True, slots=True)
class Sizes:
    """`due` closings among `cases`; `turns` of by hand and by the loop."""

    cases: int = 25_000
    due: int = 5_000
    turns: int = 3


SMALL = Sizes(cases=300, due=60, turns=1)


class NotTheSame(Exception):
    """The loop and the SQL by hand wrote different rows, so their times cannot be compared."""


def measure(run: Run) -> list[Figure]:
    """Closings per second, and their share of what SQL by hand reaches."""
    sizes = run.sizes(Sizes(), SMALL)
    state = run.state(cases=sizes.cases, due=sizes.due, due_for="closing")
    if run.profile:
        _timed(run, state, "benchmarks.turning:until_idle", profile=True)
        return []
    loop: list[dict[str, float]] = []
    by_hand: list[dict[str, float]] = []
    for _ in range(sizes.turns):
        hand, hand_rows = _timed(run, state, "benchmarks.resolve_by_hand:close")
        real, real_rows = _timed(run, state, "benchmarks.turning:until_idle")
        _compare(hand_rows, real_rows, sizes.due)
        run.say(f"by hand {sizes.due / hand['seconds']:,.0f}/s, loop {sizes.due / real['seconds']:,.0f}/s")
        by_hand.append(hand)
        loop.append(real)
    return [
        of_turns("resolve_per_s", "cases/s", [sizes.due / each["seconds"] for each in loop]),
        of_turns("resolve_by_hand_per_s", "cases/s", [sizes.due / each["seconds"] for each in by_hand]),
        of_turns(
            "resolve_ratio",
            "of SQL by hand",
            [hand["seconds"] / real["seconds"] for hand, real in zip(by_hand, loop, strict=True)],
        ),
        of_turns("resolve_worker_cpu_ms", "ms CPU/case", [each["cpu"] * 1000 / sizes.due for each in loop]),
        of_turns("resolve_postgres_cpu_ms", "ms CPU/case", [each["postgres"] * 1000 / sizes.due for each in loop]),
        of_turns("resolve_statements_per_case", "statements", [each["statements"] / sizes.due for each in loop]),
    ]


def _timed(run: Run, state: str, part: str, **arguments: Any) -> tuple[dict[str, float], tuple[int, ...]]:
    """What it took on a fresh copy, and the rows that are there afterwards."""
    with run.server.copy(state) as url, mailboxes_are_read(url):
        with processes.Part(part, database_url=url, **arguments) as working:
            postgres = run.server.cpu_seconds()
            working.go()
            told = {**working.result(), "postgres": run.server.cpu_seconds() - postgres}
        return told, tuple(run.server.ask(url, ROWS))


ROWS = """
    SELECT (SELECT count(*) FROM cases_case WHERE status = 'resolved' AND next_move = 'none'),
           (SELECT count(*) FROM cases_resolution WHERE is_automatic),
           (SELECT count(*) FROM followups_suggestedaction WHERE kind = 'resolve_case' AND state = 'done'),
           (SELECT count(*) FROM followups_enrolment WHERE state = 'ended'),
           (SELECT count(*) FROM cases_casehistoryevent WHERE status = 'resolved'),
           (SELECT count(*) FROM cases_casereview WHERE review_at IS NULL AND lease IS NULL),
           (SELECT count(*) FROM cases_activity WHERE state = 'cancelled'),
           (SELECT count(*) FROM cases_resolution_cancelled_activities),
           (SELECT count(*) FROM cases_activity)"""
ONE_PER_CLOSING = 6


def _compare(by_hand: tuple[int, ...], by_loop: tuple[int, ...], due: int) -> None:
    if by_hand != by_loop or set(by_loop[:ONE_PER_CLOSING]) != {due}:
        raise NotTheSame(f"{due} closings were due; rows by hand {by_hand}, by the loop {by_loop}.")

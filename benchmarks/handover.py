"""How many due follow-ups does one worker process review, render, hand over and record, beside a bare SMTP loop?

`handover_ratio` is the follow-ups per second of one worker, until nothing is left to do, divided by the mails per
second of a plain smtplib loop that sends mails of the same bytes over one kept connection to the same sink. The sink is
an aiosmtpd server in a process of its own, or an outside one. Bare, whole and bare take turns, each whole on a fresh
copy of the same database; the ratio is taken within a turn, its median over all turns. Not comparable across machines:
everything besides the ratio.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import mean

from benchmarks.figures import Figure, of_turns
from benchmarks.processes import Part
from benchmarks.processes import run as run_part
from benchmarks.runs import Run, mailboxes_are_read
from benchmarks.sink import HOST, Sink, sink


@dataclass(frozen=True, slots=True)
class Sizes:
    """`due` follow-ups among `cases`; `turns` of bare, whole, bare; a bare loop sends `bare` mails."""

    cases: int = 25_000
    due: int = 5_000
    turns: int = 3
    bare: int = 3_000


SMALL = Sizes(cases=300, due=60, turns=1, bare=60)
WARM_UP = 200


class NotAllArrived(Exception):
    """Mails were lost or doubled, so nothing that was measured counts."""


@dataclass(frozen=True, slots=True)
class Bare:
    """One bare loop. CPU is in seconds a mail."""

    mails_per_s: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Whole:
    """One worker's run. CPU is in seconds a mail, of the worker and of PostgreSQL."""

    mails_per_s: float
    worker_cpu: float
    postgres_cpu: float
    statements: float


def measure(run: Run) -> list[Figure]:
    """The ratio, and where a mail's time goes."""
    sizes = run.sizes(Sizes(), SMALL)
    state = run.state(cases=sizes.cases, due=sizes.due, due_for="follow_up")
    with sink() as own:
        place = run.smtp or (HOST, own.port)
        raws = _real_mails(run, state, own, min(WARM_UP, sizes.due))
        run.say(f"mails of {mean(len(raw) for raw in raws):,.0f} bytes go to {place[0]}:{place[1]}")
        if run.profile:
            _whole(run, state, place, own, sizes, profile=True)
            return []
        turns = [_turn(run, state, place, own, raws, sizes) for _ in range(sizes.turns)]
    wholes = [whole for _, whole in turns]
    return [
        of_turns("handover_ratio", "of bare SMTP", [whole.mails_per_s / bare.mails_per_s for bare, whole in turns]),
        of_turns("handover_mails_per_s", "mails/s", [whole.mails_per_s for whole in wholes]),
        of_turns("handover_bare_mails_per_s", "mails/s", [bare.mails_per_s for bare, _ in turns]),
        of_turns("handover_bare_cpu_ms", "ms CPU/mail", [bare.cpu * 1000 for bare, _ in turns]),
        of_turns("handover_worker_cpu_ms", "ms CPU/mail", [whole.worker_cpu * 1000 for whole in wholes]),
        of_turns("handover_postgres_cpu_ms", "ms CPU/mail", [whole.postgres_cpu * 1000 for whole in wholes]),
        of_turns("handover_statements_per_mail", "statements", [whole.statements for whole in wholes]),
    ]


def _real_mails(run: Run, state: str, own: Sink, wanted: int) -> list[bytes]:
    """What the product really sends: the bytes for the bare loop, and a first run for warm caches."""
    with _due_only(run, state, wanted) as url, mailboxes_are_read(url):
        run_part("benchmarks.turning:until_idle", database_url=url, smtp=(HOST, own.port))
    own.arrived()
    return own.samples()


@contextmanager
def _due_only(run: Run, state: str, wanted: int) -> Iterator[str]:
    """A copy in which only so many cases are due."""
    with run.server.copy(state) as url:
        run.server.ask(
            url,
            "WITH later AS (UPDATE cases_casereview SET review_at = review_at + interval '1 day' WHERE case_id NOT IN"
            " (SELECT case_id FROM cases_casereview ORDER BY review_at LIMIT %s) RETURNING 1)"
            " SELECT count(*) FROM later",
            [wanted],
        )
        yield url


def _turn(
    run: Run, state: str, place: tuple[str, int], own: Sink, raws: list[bytes], sizes: Sizes
) -> tuple[Bare, Whole]:
    before = _bare(place, own, raws, sizes)
    whole = _whole(run, state, place, own, sizes)
    after = _bare(place, own, raws, sizes)
    bare = Bare(mean([before.mails_per_s, after.mails_per_s]), mean([before.cpu, after.cpu]))
    ratio = whole.mails_per_s / bare.mails_per_s
    run.say(f"bare {bare.mails_per_s:,.0f} mails/s, whole {whole.mails_per_s:,.0f} mails/s, ratio {ratio:.3f}")
    return bare, whole


def _bare(place: tuple[str, int], own: Sink, raws: list[bytes], sizes: Sizes) -> Bare:
    told = run_part(
        "benchmarks.bare:send", host=place[0], port=place[1], mails=sizes.bare, raws=[raw.hex() for raw in raws]
    )
    own.arrived()
    return Bare(sizes.bare / told["seconds"], told["cpu"] / sizes.bare)


def _whole(run: Run, state: str, place: tuple[str, int], own: Sink, sizes: Sizes, profile: bool = False) -> Whole:
    with ExitStack() as stack:
        url = stack.enter_context(run.server.copy(state))
        stack.enter_context(mailboxes_are_read(url))
        part = stack.enter_context(Part("benchmarks.turning:until_idle", database_url=url, smtp=place, profile=profile))
        postgres = run.server.cpu_seconds()
        part.go()
        told = part.result()
        postgres = run.server.cpu_seconds() - postgres
        _check(run, url, own, sizes.due)
    return Whole(
        mails_per_s=sizes.due / told["seconds"],
        worker_cpu=told["cpu"] / sizes.due,
        postgres_cpu=postgres / sizes.due,
        statements=told["statements"] / sizes.due,
    )


def _check(run: Run, url: str, own: Sink, due: int) -> None:
    """Every due mail once: at the sink, where it is ours; by our own records where it is not."""
    sent = run.server.ask(url, "SELECT count(*) FROM mail_message WHERE state = 'sent' AND origin = 'automatic'")[0]
    arrived = own.arrived()
    if sent != due or (run.smtp is None and (arrived.mails, arrived.different) != (due, due)):
        raise NotAllArrived(f"{due} mails were due, {sent} are recorded as sent, and the sink has {arrived}.")

"""How much memory does a worker need when a million cases wait, and does it grow?

`worker_rss_mib` is the most resident memory (RSS, so shared libraries count in full) that the process which works has
had; `worker_pss_mib` counts what is shared by its share. An hour of work is played in a minute or two: the worker of
the product, mailbox reader and IMAP IDLE included, turns over 1,000,000 waiting cases while the database's clock is
moved on by three minutes twenty times; each time 350 cases fall due, silence is proven, follow-ups go out, and every
fifth time the safety sweep runs. `worker_growth_mib` is the median RSS of the last five rounds less that of rounds six
to ten. The small parent process that starts a worker again is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.figures import Figure
from benchmarks.mail_place import connect, mail_place
from benchmarks.processes import Part
from benchmarks.runs import Run
from benchmarks.sweep import crowd


@dataclass(frozen=True, slots=True)
class Sizes:
    """`cases` wait; in each of `rounds` of three minutes `due` of them are due."""

    cases: int = 1_000_000
    rounds: int = 20
    due: int = 350


SMALL = Sizes(cases=1_000, rounds=4, due=5)


def measure(run: Run) -> list[Figure]:
    """RSS at its most, at the start, and how it grew."""
    sizes = run.sizes(Sizes(), SMALL)
    url = run.server.url_of(crowd(run, sizes.cases))
    with mail_place() as place:
        connect(url, place)
        with Part("benchmarks.remembering:an_hour", database_url=url, rounds=sizes.rounds, due=sizes.due) as part:
            part.go()
            told = part.result()
        sent = len(place.arrived())
    rss, pss = told["rss"], told["pss"]
    quarter = max(1, len(rss) // 4)
    growth = median(rss[-quarter:]) - median(rss[quarter : 2 * quarter])
    run.say(f"{sent:,} follow-ups went out, {told['sweeps']} safety sweeps")
    return [
        Figure("worker_rss_mib", told["most"], "MiB", tuple(rss)),
        Figure("worker_rss_at_start_mib", told["at_start"], "MiB"),
        Figure("worker_pss_mib", max(pss), "MiB", tuple(pss)),
        Figure("worker_growth_mib", growth, "MiB"),
    ]

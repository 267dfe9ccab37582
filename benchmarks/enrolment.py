"""How long does it take to ask 50 rules of all cases, beside SQL by hand for the same?

`enrolment_ratio`: seconds of one pass with the rules compiled from their conditions, divided by the seconds of one
hand-written pass that asks the same; both have to take the same cases by the same rules. 1,000,000 cases, of which 30 %
are active; 50 selective rules in equal parts: title and age; title, number in a custom field, and priority; title,
contact's language (related) and age; title or subject of the last inbound mail, and age. So three of four ask for
custom, related or last-message values; each takes one case in forty to two hundred, all together about one in three.
`enrolment_of_1000_ms` is the same question for 1,000 changed cases, as the loop asks it.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import processes
from benchmarks.figures import Figure, of_turns
from benchmarks.runs import Run


@dataclass(frozen=True, slots=True)
class Sizes:
    """`cases`, and `turns` of both ways."""

    cases: int = 1_000_000
    turns: int = 5


SMALL = Sizes(cases=3_000, turns=1)


def measure(run: Run) -> list[Figure]:
    """The ratio, and both ways in seconds."""
    sizes = run.sizes(Sizes(), SMALL)
    state = run.state(cases=sizes.cases, active_percent=30, with_mail=False)
    url = run.server.url_of(state)
    seconds = processes.run("benchmarks.enrolment_rules:ask", database_url=url, turns=sizes.turns)
    compiled, by_hand = seconds["compiled"], seconds["by hand"]
    return [
        of_turns("enrolment_ratio", "of SQL by hand", [a / b for a, b in zip(compiled, by_hand, strict=True)]),
        of_turns("enrolment_s", "s", compiled),
        of_turns("enrolment_by_hand_s", "s", by_hand),
        Figure("enrolment_cases_taken", seconds["cases taken"][0], "cases"),
        of_turns("enrolment_of_1000_ms", "ms", [each * 1000 for each in seconds["1,000 changed cases"]]),
        of_turns("enrolment_compiling_ms", "ms", [each * 1000 for each in seconds["compiling"]]),
    ]

"""What came of a run that kept every promise?"""

from __future__ import annotations

from collections import Counter
from typing import Any

from caseloop.simulation.files import By
from caseloop.simulation.run import Simulation


def summary_of(simulation: Simulation) -> dict[str, Any]:
    """Counts of everything, ready for JSON. Only `seconds` and what is made of it differ between two replays."""
    wanted, files = simulation.wanted, simulation.registry.files
    checked = simulation.promises.checked + simulation.tables.checked
    mails = Counter(mail.by for file in files for mail in file.handed_over if mail.has_arrived)
    return {
        "seed": wanted.seed,
        "cases": sum(1 for file in files if file.pk),
        "days": wanted.days,
        "faults": wanted.has_faults,
        "steps": simulation.steps,
        "turns": simulation.turns,
        "seconds": round(simulation.seconds, 1),
        "cpu_seconds": round(simulation.cpu_seconds, 1),
        "case_days_per_second": round(wanted.cases * wanted.days / max(simulation.seconds, 0.001)),
        "hand_overs": simulation.server.hand_overs,
        "mails": {by.value: mails[by] for by in By},
        "letters": dict(sorted(Counter(letter.means.value for file in files for letter in file.letters).items())),
        "calls": sum(len(file.calls) for file in files),
        "closed_by_assistant": sum(file.closed_by_agent for file in files),
        "closed_by_people": sum(file.closed_by_person for file in files),
        "reopened": sum(file.reopened for file in files),
        "interrupted": {what.value: count for what, count in sorted(simulation.outages.interrupted.items())},
        "kinds": _by_kind(simulation),
        "promises_checked": dict(sorted(checked.items())),
    }


def _by_kind(simulation: Simulation) -> dict[str, dict[str, int]]:
    kinds: dict[str, dict[str, int]] = {}
    for file in simulation.registry.files:
        row = kinds.setdefault(
            file.customer.kind.value, {"cases": 0, "answers": 0, "closed_by_assistant": 0, "closed_by_people": 0}
        )
        row["cases"] += 1
        row["answers"] += sum(1 for letter in file.letters if letter.is_human)
        row["closed_by_assistant"] += file.closed_by_agent
        row["closed_by_people"] += file.closed_by_person
    return dict(sorted(kinds.items()))


def lines_of(found: dict[str, Any]) -> list[str]:
    """The same to be read."""
    mails, letters = found["mails"], found["letters"]
    what = f"{found['cases']} cases, {found['days']} days{', with faults' if found['faults'] else ''}"
    took = f"{found['seconds']} s ({found['cpu_seconds']} s of CPU)"
    lines = [
        f"{what}, seed {found['seed']}: {took}, {found['case_days_per_second']} days of a case per second.",
        f"Our mails: {', '.join(f'{count} {by}' for by, count in mails.items())}.",
        f"Mails to us: {', '.join(f'{count} {means}' for means, count in letters.items())}.",
        f"Closed: {found['closed_by_assistant']} by the assistant, {found['closed_by_people']} by people;"
        f" {found['reopened']} reopened.",
    ]
    if found["interrupted"]:
        lines.append("Interrupted: " + ", ".join(f"{what} {n} times" for what, n in found["interrupted"].items()) + ".")
    lines.append("")
    lines.append(f"{'customers':<26}{'cases':>7}{'answers':>9}{'closed':>8}{'by people':>11}")
    for kind, row in found["kinds"].items():
        counts = f"{row['cases']:>7}{row['answers']:>9}{row['closed_by_assistant']:>8}{row['closed_by_people']:>11}"
        lines.append(f"{kind:<26}{counts}")
    lines.append("")
    checked = ", ".join(f"{promise} {count} times" for promise, count in found["promises_checked"].items())
    lines.append(f"Every promise was kept. Checked: {checked}.")
    return lines

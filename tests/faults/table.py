"""`python -m tests.faults.table FOLDER`: what came of all faults, as the table in docs/reliability.md.

The rows that the test processes left in the folder are added up, kept in docs/reliability.json, and written between the
marks of the page. `make faults` does that; a test holds the page to its figures.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from tests.faults.rows import Row, gathered

DOCS = Path(__file__).parents[2] / "docs"
FIGURES, PAGE = DOCS / "reliability.json", DOCS / "reliability.md"
BEGIN, END = "<!-- made by `make faults` -->", "<!-- end of what `make faults` made -->"
COLUMNS = (
    "Fault",
    "Runs",
    "Doubled mails",
    "Wrong mails",
    "Wrong closings",
    "Lost",
    "In doubt at most",
    "In front of a person",
)


def main(folder: Path) -> None:
    """Bring figures and page up to date."""
    rows = gathered(folder)
    if not rows:
        raise SystemExit(f"No test has left its outcomes in {folder}.")
    FIGURES.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", "utf-8")
    PAGE.write_text(page_with(rows, PAGE.read_text("utf-8")), "utf-8")
    print(f"{sum(row.runs for row in rows):,} runs of {len(rows)} faults: docs/reliability.md")


def figures() -> list[Row]:
    """The rows of the last run."""
    values: list[dict[str, Any]] = json.loads(FIGURES.read_text("utf-8"))
    return [Row(**row) for row in values]


def page_with(rows: list[Row], page: str) -> str:
    """The page with this table between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}"


def table(rows: list[Row]) -> str:
    """One line for each fault, and one for all."""
    total = Row("All faults")
    for row in rows:
        total.add(row)
    lines = [_line(COLUMNS), "|---|" + "---:|" * (len(COLUMNS) - 1), *(_line(_cells(row)) for row in [*rows, total])]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    seen = f"{row.in_front_of_a_person:,} of {row.unconfirmed:,}" if row.unconfirmed else "–"
    counted = (row.runs, row.doubled, row.wrong_mails, row.wrong_closings, row.lost, row.unconfirmed_at_most)
    return (row.fault, *(f"{number:,}" for number in counted), seen)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


assert len(fields(Row)) == len(COLUMNS) + 1  # what a person sees is of what is in doubt

if __name__ == "__main__":
    main(Path(sys.argv[1]))

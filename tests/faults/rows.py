"""What is one line of the table in docs/reliability.md, and how are the lines of several processes added up?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Row:
    """One line of the table: a fault, how often it was tried, and what was counted afterwards."""

    fault: str
    runs: int = 0
    doubled: int = 0
    wrong_mails: int = 0
    wrong_closings: int = 0
    lost: int = 0
    unconfirmed_at_most: int = 0
    unconfirmed: int = 0
    in_front_of_a_person: int = 0

    def add(self, other: Row) -> None:
        """The runs of both."""
        self.unconfirmed_at_most = max(self.unconfirmed_at_most, other.unconfirmed_at_most)
        for name in (
            "runs",
            "doubled",
            "wrong_mails",
            "wrong_closings",
            "lost",
            "unconfirmed",
            "in_front_of_a_person",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def gathered(folder: Path) -> list[Row]:
    """The rows of all processes, one for each fault, sorted by name."""
    rows: dict[str, Row] = {}
    for path in sorted(folder.glob("*.json")):
        for values in json.loads(path.read_text("utf-8")):
            row = Row(**values)
            rows.setdefault(row.fault, Row(row.fault)).add(row)
    return [rows[fault] for fault in sorted(rows)]

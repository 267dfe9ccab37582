"""What came of all the faults? Rows for the table in docs/reliability.md.

Each run adds to the row of its fault. With CASELOOP_OUTCOMES naming a folder, every test process leaves its rows there
as a file of its own when it ends; `python -m tests.faults.table` puts them together.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from tests.faults.promises import Aftermath, aftermath
from tests.faults.rows import Row
from tests.faults.world import Play

FOLDER = "CASELOOP_OUTCOMES"


class Outcomes:
    """The rows of this process."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def hold(self, fault: str, play: Play, *, follow_ups: int = 3, kills: int = 1, where: str = "") -> Aftermath:
        """Count what came of this run; raises `AssertionError` with every broken promise."""
        after = self.count(fault, play, follow_ups=follow_ups, kills=kills)
        assert not after.broken.sentences(), "\n".join([f"{fault} {where}", *after.broken.sentences()])
        return after

    def count(self, fault: str, play: Play, *, follow_ups: int = 3, kills: int = 1) -> Aftermath:
        """Count what came of this run, after `play.finish()`."""
        after = aftermath(play, follow_ups=follow_ups, kills=kills)
        self.add(fault, after)
        return after

    def add(self, fault: str, after: Aftermath, runs: int = 1) -> None:
        """So many runs of this fault ended like that."""
        row = Row(
            fault,
            runs,
            len(after.broken.doubled) * runs,
            len(after.broken.wrong_mails) * runs,
            len(after.broken.wrong_closings) * runs,
            len(after.broken.lost) * runs,
            after.unconfirmed,
            after.unconfirmed * runs,
            after.in_front_of_a_person * runs,
        )
        self.rows.setdefault(fault, Row(fault)).add(row)

    def leave(self) -> None:
        """Write them down, if anybody wants them."""
        folder = os.environ.get(FOLDER)
        if folder and self.rows:
            path = Path(folder) / f"{os.getpid()}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps([asdict(row) for row in self.rows.values()]))

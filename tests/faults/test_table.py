"""The table in docs/reliability.md says what its run has counted, and what it counted is good."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from tests.faults.promises import UNCONFIRMED_AT_MOST
from tests.faults.rows import Row, gathered
from tests.faults.table import PAGE, figures, page_with


def test_the_page_shows_the_figures_of_the_last_run() -> None:
    page = PAGE.read_text("utf-8")
    assert page_with(figures(), page) == page


def test_no_promise_was_broken_in_the_last_run() -> None:
    rows = figures()
    assert sum(row.runs for row in rows) > 1_000
    for row in rows:
        assert (row.doubled, row.wrong_mails, row.wrong_closings, row.lost) == (0, 0, 0, 0), row.fault
        assert row.in_front_of_a_person == row.unconfirmed, row.fault
        assert row.unconfirmed_at_most <= UNCONFIRMED_AT_MOST, row.fault


def test_what_several_processes_counted_is_added_up(tmp_path: Path) -> None:
    one, other = Row("power cut", 2, 0, 0, 0, 0, 3, 4, 4), Row("power cut", 5, 1, 0, 0, 0, 1, 1, 0)
    for name, row in (("1.json", one), ("2.json", other)):
        (tmp_path / name).write_text(json.dumps([asdict(row)]))
    assert gathered(tmp_path) == [Row("power cut", 7, 1, 0, 0, 0, 3, 5, 4)]

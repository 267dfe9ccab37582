"""Does docs/performance.md say what was measured?"""

from __future__ import annotations

from pathlib import Path

from benchmarks import page
from benchmarks.__main__ import NAMES, PAGE, RESULTS
from benchmarks.figures import LIMITS, ON_THE_PAGE, Figure, keep


def test_the_table_of_the_page_is_that_of_the_latest_results() -> None:
    assert page.shown(PAGE) == page.table(RESULTS)


def test_the_page_names_every_benchmark_and_shows_every_limit() -> None:
    text = PAGE.read_text("utf-8")

    assert [name for name in NAMES if f"benchmarks/{name}.py" not in text] == []
    assert set(LIMITS) <= set(ON_THE_PAGE)


def test_a_run_writes_its_figures_between_the_marks_and_nothing_else(tmp_path: Path) -> None:
    text = tmp_path / "page.md"
    text.write_text(f"Before.\n\n{page.BEGIN}\nold\n{page.END}\n\nAfter.\n")
    around = {"machine": {"cores": 2}, "load": [0.1, 0.2]}
    keep(tmp_path, "handover", [Figure("handover_ratio", 0.612, "of bare SMTP")], around)

    page.write(text, tmp_path)

    assert text.read_text().startswith("Before.\n\n<!--")
    assert text.read_text().endswith("-->\n\nAfter.\n")
    assert "| `handover_ratio` | 0.612 of bare SMTP | ≥ 0.5 |" in page.shown(text)
    assert "2 cores, load 0.1–0.2" in page.shown(text)

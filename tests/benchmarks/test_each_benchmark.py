"""Does every benchmark run from its filling to its figures? At the smallest size, and no time is judged."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.figures import LIMITS, Figure, keep, table
from benchmarks.runs import Run
from benchmarks.servers import Server
from tests.postgres import database_url

PROMISED = {
    "handover": {"handover_ratio"},
    "resolve": {"resolve_per_s", "resolve_ratio"},
    "enrolment": {"enrolment_ratio"},
    "sweep": {"sweep_growth", "safety_sweep_core_share"},
    "memory": {"worker_rss_mib"},
    "latency": {"due_to_handover_p99_s", "answer_to_stop_p99_s"},
    "scaling": {"workers_2_speedup", "workers_4_speedup"},
}


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """The server of the tests, with whose databases nobody else works."""
    server = Server(database_url())
    yield Run(server, size="small")
    server.forget()


@pytest.mark.parametrize("name", command.NAMES)
def test_a_benchmark_gives_the_figures_that_it_promises(run: Run, name: str) -> None:
    figures = {figure.name: figure for figure in importlib.import_module(f"benchmarks.{name}").measure(run)}

    assert figures.keys() >= PROMISED[name]
    assert all(math.isfinite(figure.value) and figure.unit for figure in figures.values())
    assert all(figures[name].value > 0 for name in PROMISED[name])


def test_every_benchmark_of_the_command_is_tried_here_and_every_limit_belongs_to_one() -> None:
    assert set(PROMISED) == set(command.NAMES)
    assert set(LIMITS) <= set().union(*PROMISED.values())


def test_the_command_writes_the_json_and_the_table_of_one_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url())

    code = command.main(["enrolment", "--size", "small", "--results", str(tmp_path)])

    latest = json.loads((tmp_path / "tried" / "latest.json").read_text())
    assert code == 0
    assert latest["enrolment_ratio"].keys() == {"value", "unit", "limit"}
    assert latest["enrolment_ratio"]["limit"] == 1.5
    assert latest["enrolment_s"]["limit"] is None
    assert "enrolment_ratio" in capsys.readouterr().out


def test_a_run_of_one_benchmark_keeps_the_figures_of_the_others(tmp_path: Path) -> None:
    around = {"machine": {"cores": 2}, "load": [0.1, 0.2]}
    keep(tmp_path, "handover", [Figure("handover_ratio", 0.6, "of bare SMTP", (0.5, 0.6, 0.7))], around)
    keep(tmp_path, "memory", [Figure("worker_rss_mib", 80.0, "MiB")], around)
    keep(tmp_path, "handover", [Figure("handover_ratio", 0.65, "of bare SMTP")], around)

    assert json.loads((tmp_path / "latest.json").read_text()) == {
        "handover_ratio": {"value": 0.65, "unit": "of bare SMTP", "limit": 0.5},
        "worker_rss_mib": {"value": 80.0, "unit": "MiB", "limit": 200.0},
    }


def test_a_figure_that_misses_its_limit_is_marked_whichever_way_the_limit_points() -> None:
    lines = table(
        [
            Figure("handover_ratio", 0.49, ""),
            Figure("handover_ratio", 0.5, ""),
            Figure("sweep_growth", 1.31, ""),
            Figure("sweep_growth", 1.3, ""),
            Figure("resolve_ratio", 0.01, ""),
        ]
    ).splitlines()[1:]

    assert ["MISSED" in line for line in lines] == [True, False, True, False, False]

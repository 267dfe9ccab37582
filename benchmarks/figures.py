"""What has been measured, where is it kept, and how is it shown?

`results/latest.json` holds `{name: {"value", "unit", "limit"}}`; a benchmark that runs alone replaces its own names and
leaves the others. Which machine it was, and how far repetitions lay apart, stands beside it in `details.json`.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

LIMITS: dict[str, tuple[str, float]] = {
    "handover_ratio": (">=", 0.5),
    "resolve_per_s": (">=", 2000.0),
    "enrolment_ratio": ("<=", 1.5),
    "sweep_growth": ("<=", 1.3),
    "safety_sweep_core_share": ("<=", 0.01),
    "worker_rss_mib": ("<=", 200.0),
    "due_to_handover_p99_s": ("<=", 2.0),
    "answer_to_stop_p99_s": ("<=", 2.0),
}
"""What is asked of a figure; the others are told only."""

ON_THE_PAGE = (
    "handover_ratio",
    "handover_mails_per_s",
    "handover_bare_mails_per_s",
    "handover_bare_cpu_ms",
    "handover_worker_cpu_ms",
    "handover_postgres_cpu_ms",
    "resolve_per_s",
    "resolve_by_hand_per_s",
    "resolve_ratio",
    "enrolment_ratio",
    "enrolment_s",
    "sweep_growth",
    "safety_sweep_core_share",
    "worker_rss_mib",
    "worker_growth_mib",
    "due_to_handover_p99_s",
    "answer_to_stop_p99_s",
    "workers_2_speedup",
    "workers_2_cores_busy",
    "workers_4_speedup",
    "workers_4_cores_busy",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One result. `each` are the repetitions that `value` is the median of, or says what else is behind it."""

    name: str
    value: float
    unit: str
    each: tuple[float, ...] = ()

    @property
    def limit(self) -> float | None:
        return LIMITS[self.name][1] if self.name in LIMITS else None

    @property
    def is_missed(self) -> bool:
        if self.name not in LIMITS:
            return False
        sense, limit = LIMITS[self.name]
        return self.value < limit if sense == ">=" else self.value > limit


def of_turns(name: str, unit: str, each: Sequence[float]) -> Figure:
    """The median of what was measured several times."""
    return Figure(name, median(each), unit, tuple(each))


def machine(postgres: str) -> dict[str, Any]:
    """On what it was measured."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": postgres,
        "system": f"{platform.system()} {platform.machine()}",
    }


def keep(folder: Path, benchmark: str, figures: Sequence[Figure], circumstances: dict[str, Any]) -> None:
    """Write these figures down; those of other benchmarks stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    _merge(folder / "latest.json", {f.name: {"value": f.value, "unit": f.unit, "limit": f.limit} for f in figures})
    at = datetime.now(UTC).isoformat(timespec="seconds")
    each = {f.name: list(f.each) for f in figures}
    _merge(folder / "details.json", {benchmark: {"measured_at": at, **circumstances, "each": each}})


def _merge(file: Path, new: dict[str, Any]) -> None:
    known = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(known | new, indent=2, sort_keys=True) + "\n")


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines; one that misses its limit says so."""
    lines = [f"{'':34} {'value':>12}  {'unit':14} {'limit':>9}   spread"]
    return "\n".join(lines + [_line(figure) for figure in figures])


def _line(figure: Figure) -> str:
    sense = LIMITS[figure.name][0] if figure.name in LIMITS else ""
    limit = f"{sense} {figure.limit:g}" if figure.limit is not None else ""
    spread = f"{short(min(figure.each))}–{short(max(figure.each))}, n={len(figure.each)}" if figure.each else ""
    missed = "  MISSED" if figure.is_missed else ""
    return f"{figure.name:34} {short(figure.value):>12}  {figure.unit:14} {limit:>9}   {spread}{missed}"


def short(value: float) -> str:
    """A figure with as many digits as it deserves."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

"""How do the latest figures get into docs/performance.md? Between its two marks, by every run of full size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.figures import LIMITS, ON_THE_PAGE, short

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- figures end -->"


def write(page: Path, results: Path) -> None:
    """Put the table of these results between the page's marks."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", "utf-8")


def shown(page: Path) -> str:
    """What stands between the marks."""
    return page.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def table(results: Path) -> str:
    """The latest figures as a Markdown table, each with where and when it was measured."""
    latest, details = _read(results / "latest.json"), _read(results / "details.json")
    lines = ["| Figure | Value | Limit | Measured |", "|---|---|---|---|"]
    for name in ON_THE_PAGE:
        if name in latest:
            figure = latest[name]
            value = f"{short(figure['value'])} {figure['unit']}"
            sense = {">=": "≥", "<=": "≤"}[LIMITS[name][0]] if name in LIMITS else ""
            limit = f"{sense} {figure['limit']:g}" if figure["limit"] is not None else ""
            lines.append(f"| `{name}` | {value} | {limit} | {_circumstances(name, details)} |")
    return "\n".join(lines)


def _circumstances(name: str, details: dict[str, Any]) -> str:
    for found in details.values():
        if name in found["each"]:
            machine = found["machine"]
            load = "–".join(f"{load:.1f}" for load in found["load"])
            return f"{found['measured_at'][:10]}, {machine['cores']} cores, load {load}"
    return ""


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found

"""How fast is Caseloop on this machine?

    make bench                                       everything
    make bench NAME=handover                         one benchmark alone
    make bench NAME=handover SMTP=127.0.0.1:2525     to a mail server of yours
    make bench NAME=handover SIZE=small              a try within seconds; figures of other sizes are kept apart

The table goes to standard output, `latest.json` to benchmarks/results. Missed limits are marked; the exit code is 0 all
the same. With DATABASE_URL the databases are made on that server, else on an embedded one.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import page
from benchmarks.figures import Figure, keep, machine, table
from benchmarks.runs import Run
from benchmarks.servers import server

NAMES = ("handover", "resolve", "scaling", "latency", "enrolment", "sweep", "memory")
RESULTS = Path(__file__).resolve().parent / "results"
PAGE = RESULTS.parent.parent / "docs" / "performance.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for, keep the figures, and show them."""
    arguments = _arguments(argv)
    is_full = arguments.size == "full" and not arguments.changes
    folder: Path = arguments.results if is_full else arguments.results / "tried"
    load = os.getloadavg()[0]
    figures: list[Figure] = []
    with server() as postgres:
        found = machine(postgres.version())
        run = Run(postgres, arguments.size, dict(arguments.changes), arguments.smtp, arguments.profile)
        for name in arguments.names or NAMES:
            before = os.getloadavg()[0]
            run.say(name)
            measured = importlib.import_module(f"benchmarks.{name}").measure(run)
            if measured:
                keep(folder, name, measured, {"machine": found, "load": [before, os.getloadavg()[0]]})
            figures += measured
    if is_full and figures:
        page.write(arguments.page, arguments.results)
    print(
        f"{found['cores']} cores, Python {found['python']}, PostgreSQL {found['postgresql']}; size {arguments.size};"
        f" load {load:.1f} before, {os.getloadavg()[0]:.1f} after"
    )
    print(table(figures))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; none: all")
    parser.add_argument("--size", choices=["full", "small"], default="full")
    parser.add_argument(
        "--with",
        dest="changes",
        type=_change,
        action="append",
        default=[],
        metavar="SIZE=NUMBER",
        help="another size, such as due=500; repeatable",
    )
    parser.add_argument("--smtp", type=_place, metavar="HOST:PORT", help="hand over to this server")
    parser.add_argument("--profile", action="store_true", help="profile the worker's part instead of measuring")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where latest.json lies")
    parser.add_argument("--page", type=Path, default=PAGE, help="whose table shows them")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return arguments


def _change(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    return name, int(number)


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())

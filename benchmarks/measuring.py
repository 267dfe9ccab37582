"""What did a piece of work take: seconds, CPU, statements? And, when asked, where did its time go?"""

from __future__ import annotations

import cProfile
import pstats
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

SHOWN = 40
LONGEST_STATEMENT = 150


@dataclass(slots=True)
class Spent:
    """What a piece of work took; `each` has the seconds, `times` the number of each statement."""

    seconds: float = 0.0
    cpu: float = 0.0
    statements: int = 0
    each: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    times: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, float]:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": self.seconds, "cpu": self.cpu, "statements": self.statements, "most_mib": most}

    def statements_by_time(self) -> str:
        """The statements that took most, in all their runs together."""
        lines = [f"{'seconds':>9} {'times':>7}  statement"]
        for statement, seconds in sorted(self.each.items(), key=lambda row: -row[1])[:SHOWN]:
            words = " ".join(statement.split())[:LONGEST_STATEMENT]
            lines.append(f"{seconds:9.3f} {self.times[statement]:7}  {words}")
        return "\n".join(lines)


@contextmanager
def measured(*, profile: bool = False) -> Iterator[Spent]:
    """Measure the block in this process alone.

    A profile, of CPU by function and of the clock by statement, goes to standard error and makes everything slower.
    """
    spent = Spent()

    def count(execute: Callable[..., Any], *words: Any) -> Any:
        spent.statements += 1
        return execute(*words)

    def look_closely(execute: Callable[..., Any], sql: str, *words: Any) -> Any:
        began = time.perf_counter()
        try:
            return count(execute, sql, *words)
        finally:
            spent.each[sql] += time.perf_counter() - began
            spent.times[sql] += 1

    began, cpu = time.perf_counter(), time.process_time()
    with _around_statements(look_closely if profile else count), _profiled(profile):
        yield spent
    spent.seconds, spent.cpu = time.perf_counter() - began, time.process_time() - cpu
    if profile:
        print(spent.statements_by_time(), file=sys.stderr)


@contextmanager
def _around_statements(wrapper: Callable[..., Any]) -> Iterator[None]:
    """Those of this thread, and of all threads that begin meanwhile."""

    def add(connection: BaseDatabaseWrapper, **_: object) -> None:
        connection.execute_wrappers.append(wrapper)

    with connection.execute_wrapper(wrapper):
        connection_created.connect(add)
        yield
        connection_created.disconnect(add)


@contextmanager
def _profiled(is_wanted: bool) -> Iterator[None]:
    if not is_wanted:
        yield
        return
    profile = cProfile.Profile(time.thread_time)  # CPU alone: what others do on the machine is not in it
    with profile:
        yield
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile, stream=sys.stderr).sort_stats(order).print_stats(SHOWN)

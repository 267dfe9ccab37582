"""Where does a worker die, or lose its database? At its n-th step to the outside: a statement, a word to a server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection


class WorkerKilled(BaseException):
    """The process is gone: nothing of it may go on, so this is no `Exception`."""


class Interruption(StrEnum):
    KILL = "the worker is killed"
    LOSE_DATABASE = "the connection to the database is lost"


@dataclass(slots=True)
class Interruptions:
    """Counts the steps of the worker to the outside, and interrupts it at the one that was chosen."""

    what: Interruption | None = None
    left: int = 0
    happened: int = 0

    def arm(self, what: Interruption, after: int) -> None:
        """Interrupt the worker at its step number `after`, counted from now."""
        self.what, self.left = what, after

    @contextlib.contextmanager
    def around_worker(self) -> Iterator[None]:
        """What is done in here is done by the worker; afterwards nobody is interrupted."""
        with connection.execute_wrapper(self._statement):
            yield

    def disarm(self) -> None:
        """Whatever was planned does not happen any more."""
        self.what = None

    def reach(self) -> None:
        """The worker takes a step. Raises `WorkerKilled`, or cuts the line to the database."""
        if self.what is None:
            return
        self.left -= 1
        if self.left > 0:
            return
        what, self.what = self.what, None
        self.happened += 1
        if what is Interruption.KILL:
            raise WorkerKilled
        if connection.connection is not None:
            connection.connection.close()  # the next statement finds it closed, as after a restart of the server

    def _statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        self.reach()
        return execute(sql, params, many, context)

"""How does something run in a forked child of this warm process, and how did it end?"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from django.db import connection, connections


@dataclass(frozen=True)
class End:
    """How a child ended. `said` is what it told by its `tell`, the trace of its error if it failed."""

    was_killed: bool
    has_failed: bool
    said: str


class ChildFailed(AssertionError):
    """The child raised; the text is its traceback."""


@dataclass(frozen=True)
class Child:
    """A forked process that does one thing."""

    pid: int
    _line: int

    def wait(self) -> End:
        """Until it has ended by itself or was killed; raises `ChildFailed` when it raised."""
        with os.fdopen(self._line, "rb") as line:
            said = line.read().decode("utf-8", "replace")
        _, status = os.waitpid(self.pid, 0)
        end = End(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status != 0, said)
        if end.has_failed and not end.was_killed:
            raise ChildFailed(said)
        return end


Tell = Callable[[str], None]


def fork(work: Callable[[Tell], object]) -> Child:
    """Do `work` in a child with connections of its own; `tell(text)` is heard by the parent even when it is killed."""
    connection.close()
    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        os.close(ours)
        _be_the_child(work, theirs)
    os.close(theirs)
    return Child(pid, ours)


def _be_the_child(work: Callable[[Tell], object], line: int) -> NoReturn:
    code = 1
    gc.disable()  # it would walk through all that the parent has, and copy it
    try:
        _leave_connections()
        work(lambda text: os.write(line, text.encode()) and None)
        connection.close()
        code = 0
    except BaseException:  # noqa: BLE001 - told to the parent; a child never goes on in its parent's code
        os.write(line, traceback.format_exc()[-8000:].encode())
    finally:
        os._exit(code)


_inherited: list[object] = []
"""The parent's connections, kept so that no destructor says goodbye on a line that is still in use."""


def _leave_connections() -> None:
    """Forget what the parent has opened. Inside a running event loop, which browser tests leave behind, Django keeps
    another connection than outside; the parent has closed that one, and a child begins outside."""
    for each in connections.all(initialized_only=True):
        _inherited.append(each)
        del connections[each.alias]


def kill_myself() -> NoReturn:
    """As `kill -9` does it: nothing of ours runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")

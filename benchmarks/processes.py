"""How does a part of a benchmark run in a process of its own, so that its time and memory are its own?

    with Part("benchmarks.turning:until_idle", database_url=url, profile=False) as part:
        part.go()                   # it has imported everything, is connected, and begins now
        result = part.result()

The function is called as `function(line, **arguments)`; it prepares, calls `line.wait()`, works, and returns what JSON
can say.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parent.parent
READY = "ready"
KEY = "YmVuY2htYXJrcyBrZWVwIG5vIHNlY3JldCBvZiBhbnk="
"""Mailboxes of benchmarks have no passwords worth keeping."""


class PartFailed(Exception):
    """A process of a benchmark ended without a result; what it said stands on standard error."""


class Part:
    """A function running in another process; killed when the `with` block is left before it has ended."""

    def __init__(self, function: str, *, database_url: str = "", **arguments: Any) -> None:
        self._name = function
        command = [sys.executable, "-m", "benchmarks.processes", function]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(database_url), cwd=ROOT
        )
        self._tell(json.dumps(arguments))
        if self._read() != READY:
            raise PartFailed(f"{function} did not get ready.")

    def go(self) -> None:
        """Let it begin."""
        self._tell("go")

    def ask(self, words: str) -> Any:
        """For a part that answers questions while it runs: what it says to one line."""
        self._tell(words)
        return self._read()

    def result(self) -> Any:
        """What the function returned; waits for it."""
        found = self._read()
        self.process.wait()
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if kind is not None:
            self.process.kill()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise PartFailed(f"{self._name} ended with code {self.process.wait()}.")
        return json.loads(line)


def run(function: str, *, database_url: str = "", **arguments: Any) -> Any:
    """The function's result, from a process of its own."""
    with Part(function, database_url=database_url, **arguments) as part:
        part.go()
        return part.result()


def environment(database_url: str) -> dict[str, str]:
    """What a process of ours needs to know: where the code is, which database, and no secret of anybody's."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    ours = {"PYTHONPATH": path, "CASELOOP_ENCRYPTION_KEYS": KEY, "DJANGO_SETTINGS_MODULE": "caseloop.config.settings"}
    return {**os.environ, **ours, "DATABASE_URL": database_url}


@dataclass(frozen=True, slots=True)
class Line:
    """The line from a part to whoever started it."""

    answers: IO[str]

    def wait(self) -> None:
        """Say that all is prepared, and return when it is to begin."""
        self.say(READY)
        if not sys.stdin.readline():
            sys.exit(1)  # who started us is gone

    def say(self, value: Any) -> None:
        print(json.dumps(value), file=self.answers, flush=True)

    def questions(self) -> Iterator[str]:
        """What is asked, until the other side has had enough."""
        return (words.strip() for words in sys.stdin)


def _main() -> None:
    name, arguments = sys.argv[1], json.loads(sys.stdin.readline())
    line = Line(os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)  # what the code prints is for people
    if os.environ.get("DATABASE_URL"):
        import django

        django.setup()
    module, function = name.split(":")
    work: Callable[..., Any] = getattr(importlib.import_module(module), function)
    line.say(work(line, **arguments))


if __name__ == "__main__":
    _main()

"""A small parent that keeps processes running: it starts them again on any end that it did not ask for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

FIRST_BACK_OFF = 0.5
LONGEST_BACK_OFF = 30.0
RUNS_WELL_AFTER = 30.0
ENDS_WITHIN = 10.0


@dataclass(slots=True)
class Child:
    """One command that is to be running, and how patient we are with it.

    With a `log` its output goes there, in whose folder it runs, and it is in a session of its own: Ctrl-C reaches it
    through us only.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None
    ended: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    back_off: float = FIRST_BACK_OFF
    start_at: float = 0.0

    def look(self) -> None:
        """Start it when it isn't running and its back-off is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            if now - self.started > RUNS_WELL_AFTER:
                self.back_off = FIRST_BACK_OFF
            return
        if self.process is not None:
            print(f"{self.name} ended with {self.process.returncode}; it starts again.", file=sys.stderr)
            self.process = None
            self.ended += 1
            self.start_at = now + self.back_off
            self.back_off = min(self.back_off * 2, LONGEST_BACK_OFF)
        if now >= self.start_at:
            self.process = self._start()
            self.started = now

    def _start(self) -> subprocess.Popen[bytes]:
        """On a leash, so that it ends with us even when we are killed."""
        command = [sys.executable, "-m", "caseloop.config.leash", str(os.getpid()), *self.command]
        if self.log is None:
            return subprocess.Popen(command, env=dict(self.environment))  # noqa: S603 - our own commands
        with open(self.log, "ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                start_new_session=True,
            )

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Supervisor:
    """Runs its children until `stop` is set by SIGTERM, SIGINT or a caller; then they end within ten seconds."""

    children: list[Child]
    stop: threading.Event = field(default_factory=threading.Event)
    is_asked_to_end: bool = False
    """Set by a signal: an event's lock may be held by the very code that the signal interrupts."""

    def run(self) -> None:
        """Blocks until stopped; the main thread only, since it takes the signals."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            while not (self.stop.is_set() or self.is_asked_to_end):
                self.look()
                self.stop.wait(0.2)
        finally:
            self.end()

    def look(self) -> None:
        for child in self.children:
            child.look()

    def end(self) -> None:
        """Ask all children to end, and kill those that don't."""
        for child in self.children:
            child.end()
        until = time.monotonic() + ENDS_WITHIN
        for child in self.children:
            child.wait(until)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.is_asked_to_end = True

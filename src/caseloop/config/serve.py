"""`caseloop serve`: the web server; with `--all` the database and a worker too, for one machine and a small team."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from caseloop.config.embedded import EmbeddedPostgres
from caseloop.config.env import BadSetting
from caseloop.config.supervisor import Child, Supervisor

PYTHON = sys.executable


def web(host: str, port: int, environment: Mapping[str, str]) -> Child:
    """The web server as a child process."""
    command = [
        PYTHON,
        *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "--no-ws"),
        "caseloop.config.wsgi:application",
    ]
    return Child("web", command, environment)


def worker(environment: Mapping[str, str]) -> Child:
    """One worker as a child process."""
    return Child("worker", [PYTHON, "-m", "caseloop", "worker", "--alone"], environment)


def check_port(host: str, port: int) -> None:
    """Raises `BadSetting` when somebody serves there: two servers would share the port and split the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadSetting(
                f"Nothing can be served at {host}:{port}: {error.strerror}. Choose another port: --port {port + 1}"
            ) from error


def serve_all(host: str, port: int, data_dir: Path, workers: int = 1) -> int:
    """Own the embedded PostgreSQL (or use DATABASE_URL), bring it up to date, and keep web and workers running."""
    check_port(host, port)
    given = os.environ.get("DATABASE_URL")
    if given:
        return _run(host, port, given, workers)
    with EmbeddedPostgres(data_dir / "postgres") as postgres:
        postgres.create_database("caseloop")
        return _run(host, port, postgres.url("caseloop"), workers)


def serve_web(host: str, port: int) -> int:
    """Only the web server, on the database that DATABASE_URL names."""
    check_port(host, port)
    Supervisor([web(host, port, os.environ)]).run()
    return 0


def keep_worker_running() -> int:
    """A small parent over one worker: it starts it again on any end that nobody asked for, exit code 0 too."""
    Supervisor([worker(os.environ)]).run()
    return 0


def _run(host: str, port: int, url: str, workers: int) -> int:
    environment = {**os.environ, "DATABASE_URL": url}
    migrate(environment)
    children = [web(host, port, environment), *(worker(environment) for _ in range(workers))]
    print(f"Caseloop is at http://{host}:{port}")
    Supervisor(children).run()
    return 0


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the database up to date, in a process of its own; raises SystemExit when that fails."""
    done = subprocess.run([PYTHON, "-m", "caseloop", "migrate"], env=dict(environment), check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(done.returncode)

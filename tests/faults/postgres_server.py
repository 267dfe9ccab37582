"""Which PostgreSQL may a test stop, kill and starve of disk? One of its own, always at the same address, that keeps what
it has committed.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from django.db import connection

from caseloop.config.database import django_database
from caseloop.config.embedded import EmbeddedPostgres, postmaster
from caseloop.config.embedded.account import Account, account_for
from caseloop.config.embedded.binaries import find_binaries
from caseloop.config.embedded.handle import Address, read_password
from tests.postgres import database_url

READY_WITHIN = 60.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "fsync": "off",  # a killed server loses nothing by that: the machine goes on
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "wal_recycle": "off",
    "log_min_messages": "warning",
}


class PostgresServer:
    """A server in a folder of its own, not started yet, that may keep its log elsewhere; `destroy` it."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.folder, self.log = folder, log or folder / "log"
        with EmbeddedPostgres(folder / "data", durable=False):
            pass  # it makes the cluster
        self._cluster = (folder / "data" / "cluster").resolve()
        self._account: Account = account_for(self._cluster)
        self._binaries = find_binaries(self._account)
        self.sockets = folder / "socket"
        self.sockets.mkdir(mode=0o700)
        self._account.give(self.sockets)
        self._address = Address(self.sockets, read_password(folder / "data") or "")
        self._process: subprocess.Popen[bytes] | None = None
        self._brought: list[str] = []

    def url(self, database: str = "caseloop") -> str:
        return self._address.url(database)

    def start(self) -> None:
        """Start it, with recovery where it was killed, and return when it takes connections."""
        postmaster.remove_stale_pid_file(self._cluster)
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        command = [self._binaries.program("postgres"), "-D", str(self._cluster)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self._process = self._account.launch(command, stdin=subprocess.DEVNULL, stderr=log)
        ends_at = time.monotonic() + READY_WITHIN
        while not postmaster.is_ready(self._cluster):
            if self._process.poll() is not None:
                raise CannotStart(self.log.read_text("utf-8", "replace")[-2000:])
            assert time.monotonic() < ends_at, self.log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.01)

    def stop(self) -> None:
        """A fast stop: open transactions are rolled back, everybody is sent away."""
        if self.is_running():
            assert self._process is not None
            self._process.send_signal(signal.SIGINT)
            self._process.wait(READY_WITHIN)

    def kill(self) -> None:
        """SIGKILL to the server and all that it started: nobody says goodbye, nothing is written any more."""
        assert self._process is not None
        main = psutil.Process(self._process.pid)
        main.suspend()  # so that it starts nothing meanwhile
        others = main.children(recursive=True)
        for process in (main, *others):
            process.kill()
        self._process.wait(READY_WITHIN)
        psutil.wait_procs(others, READY_WITHIN)

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill_and_start(self) -> None:
        self.kill()
        self.start()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_for_its_end(self, seconds: float = READY_WITHIN) -> None:
        """Until it has ended by itself."""
        assert self._process is not None
        self._process.wait(seconds)

    def said(self, words: str) -> bool:
        """Whether its log says so."""
        return words in self.log.read_text("utf-8", "replace")

    def forget_what_it_said(self) -> None:
        """Its log begins anew."""
        self.log.write_bytes(b"")

    @contextmanager
    def fresh(self, template: str) -> Iterator[str]:
        """Django's default connection is one to a copy, on this server, of a database of the test's usual server."""
        if template not in self._brought:
            self._bring(template)
        name = f"{template}_{len(self._brought)}"
        self._brought.append(name)
        self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        connection.close()
        former = dict(connection.settings_dict)
        connection.settings_dict.update(django_database(self.url(name)))
        try:
            yield name
        finally:
            connection.close()
            connection.settings_dict.update(former)
            self._tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _bring(self, database: str) -> None:
        there = urlunsplit(urlsplit(database_url())._replace(path=f"/{database}"))
        here, dump = self.url(database), self.folder / "dump"
        self._tell(f'CREATE DATABASE "{database}" TEMPLATE template0')
        for command in (
            ["pg_dump", "--format=custom", f"--file={dump}", there],
            ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={here}", str(dump)],
        ):
            subprocess.run([self._binaries.program(command[0]), *command[1:]], check=True)
        self._brought.append(database)

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as server:
            server.execute(statement.encode())

    def destroy(self) -> None:
        """End it and remove all of it."""
        if self.is_running():
            self.kill()
        shutil.rmtree(self.sockets)
        EmbeddedPostgres(self.folder / "data").destroy()


class CannotStart(Exception):
    """The server ended before it took connections; the text is the end of its log."""

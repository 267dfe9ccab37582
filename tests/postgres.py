"""Which PostgreSQL do the tests run on, and who starts and stops it?

The one named in DATABASE_URL; else an embedded one of this test run, without durability. All
processes of a run (xdist's workers) share it: the first one starts a keeper process that owns the server, and the keeper
ends when the last one of them has ended, however that happened.

Test databases are copies of a template of ours, since the locale of a foreign server's own templates is anybody's guess:

    DATABASES["default"]["TEST"] = {"TEMPLATE": TEMPLATE}
"""

import fcntl
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import psycopg

from caseloop.config.embedded import EmbeddedPostgres, EmbeddedPostgresError

TEMPLATE = "caseloop_template"
"""The database that test databases are copied from: UTF-8, with C.UTF-8 rules, so that `'Ä' ILIKE 'ä'` is true."""

_ROOM_ENOUGH = 2 * 1024**3


@functools.cache
def database_url() -> str:
    """The URL of a server on which this run may make databases, with the template in place."""
    url = os.environ.get("DATABASE_URL") or _url_of_this_run()
    _make_template(url)
    return url


def _url_of_this_run() -> str:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"process-{os.getpid()}"
    folder = fast_folder() / f"caseloop-tests-{run}"
    _stay_registered(folder)
    with open(folder / "starting", "w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        told = folder / "url"
        if not told.exists():
            told.write_text(_start_keeper(folder))
        return told.read_text()


def fast_folder() -> Path:
    """Where test clusters lie: in memory where there is room, as making a database there takes a tenth of the time."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK | os.X_OK):
        seen = os.statvfs(memory)
        if seen.f_bavail * seen.f_frsize > _ROOM_ENOUGH:
            return memory
    return Path(tempfile.gettempdir())


_registrations: list[IO[str]] = []


def _stay_registered(folder: Path) -> None:
    """Hold a shared lock as long as this process lives; the keeper waits for the last one to go."""
    while True:
        folder.mkdir(mode=0o711, exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            raise EmbeddedPostgresError(f"{folder} belongs to another user: remove it, or set TMPDIR.")
        users = open(folder / "users", "a")  # noqa: SIM115 - open as long as this process lives
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            is_current = os.path.samestat(os.fstat(users.fileno()), os.stat(folder / "users"))
        except FileNotFoundError:  # a keeper was just ending
            is_current = False
        if is_current:
            _registrations.append(users)
            return
        users.close()


def _start_keeper(folder: Path) -> str:
    with open(folder / "keeper.log", "w") as log:
        command = [sys.executable, __file__, str(folder)]
        keeper = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
    _keepers.append(keeper)
    assert keeper.stdout is not None
    with keeper.stdout as said:
        url = said.readline().strip()
    if not url:
        raise EmbeddedPostgresError((folder / "keeper.log").read_text().strip().splitlines()[-1])
    return url


_keepers: list["subprocess.Popen[str]"] = []  # kept, as it outlives us on purpose


def _keep(folder: Path) -> None:
    with open(folder / "users") as users:
        postgres = EmbeddedPostgres(folder / "data", durable=False)
        postgres.start()
        try:
            print(postgres.url(), flush=True)
            fcntl.flock(users, fcntl.LOCK_EX)
        finally:
            postgres.destroy()
            shutil.rmtree(folder)


def _make_template(url: str) -> None:
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        if connection.info.server_version >= 170000:
            rules = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        else:
            rules = "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        try:
            connection.execute(
                f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8' {rules} IS_TEMPLATE true"
            )
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # another process of this run was faster


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))

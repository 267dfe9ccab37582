"""Which PostgreSQL do the benchmarks run on, and how is a fresh copy of a state made?

An embedded one in a temporary folder, durable as in production; or the server that DATABASE_URL names, whose user has
to be allowed to make databases. All databases made here are called `bench_…` and removed in the end.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from benchmarks import processes
from caseloop.config.embedded import EmbeddedPostgres

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Server:
    """A PostgreSQL server with the databases that this run has made on it."""

    url: str
    postmaster: int | None = None
    filled: dict[str, str] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)

    def url_of(self, database: str) -> str:
        """The URL of one of its databases."""
        parts = {key: value for key, value in conninfo_to_dict(self.url).items() if value is not None}
        parts["dbname"] = database
        place = "&".join(f"{key}={value}" for key, value in parts.items())
        return f"postgresql:///?{place}"

    def state(self, **wanted: Any) -> str:
        """The name of a database with this state (arguments of `filling.fill`), made once in this run. Not to be
        changed by who measures: take a `copy`."""
        key = _key(wanted)
        if key not in self.filled:
            name = f"bench_{os.getpid()}_{len(self.filled)}"
            self._copy(self._migrated(), name)
            processes.run("benchmarks.filling:fill", database_url=self.url_of(name), **wanted)
            self.filled[key] = name
        return self.filled[key]

    def has(self, **wanted: Any) -> bool:
        """Whether this state has been made in this run already."""
        return _key(wanted) in self.filled

    @contextmanager
    def copy(self, state: str) -> Iterator[str]:
        """The URL of a fresh copy of this state, removed afterwards; statistics and caches are warm enough to begin."""
        name = f"{state}_copy"
        self._copy(state, name)
        try:
            yield self.url_of(name)
        finally:
            self._drop(name)

    def ask(self, database_url: str, query: str, values: Any = None) -> Any:
        """The first row of a query's answer."""
        with psycopg.connect(database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchone()

    def version(self) -> str:
        return str(self.ask(self.url, "SHOW server_version")[0])

    def cpu_seconds(self) -> float:
        """What all of the server's processes have used so far; 0 where they are not ours to look at."""
        return _cpu_of_family(self.postmaster) if self.postmaster else 0.0

    def forget(self) -> None:
        """Remove everything that was made."""
        for name in list(self._made):
            self._drop(name)

    def _migrated(self) -> str:
        """A database with all tables and nothing in them."""
        name = f"bench_{os.getpid()}_migrated"
        if name not in self._made:
            self._create(name)
            processes.run("benchmarks.filling:migrate", database_url=self.url_of(name))
        return name

    def _copy(self, known: str, name: str) -> None:
        self._drop(name)
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(_named(name), _named(known)))
        self._made.add(name)

    def _create(self, name: str) -> None:
        self._drop(name)
        rules = sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
        if int(self.ask(self.url, "SHOW server_version_num")[0]) < 170000:
            rules = sql.SQL("LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}").format(_named(name), rules))
        self._made.add(name)

    def _drop(self, name: str) -> None:
        """Tried again while autovacuum, which only a superuser may end, is at work in it."""
        for is_last in (*[False] * 20, True):
            try:
                self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_named(name)))
                break
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                if is_last:
                    raise
                time.sleep(0.5)
        self._made.discard(name)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def server() -> Iterator[Server]:
    """The server of this run."""
    given = os.environ.get("DATABASE_URL")
    if given:
        found = Server(given)
        try:
            yield found
        finally:
            found.forget()
        return
    with tempfile.TemporaryDirectory(prefix="caseloop-bench-") as folder:
        Path(folder).chmod(0o711)  # under root the server runs as somebody else
        postgres = EmbeddedPostgres(Path(folder) / "data")
        postgres.start()
        try:
            pid = int((Path(folder) / "data" / "cluster" / "postmaster.pid").read_text().splitlines()[0])
            yield Server(postgres.url(), pid)
        finally:
            postgres.destroy()


def _key(wanted: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(wanted.items()))


def _named(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _cpu_of_family(pid: int) -> float:
    """CPU seconds of a process, its living children, and those that have ended."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended, and counts as its parent's
            continue
        is_postmaster = stat.parent.name == str(pid)
        if is_postmaster or words[1] == str(pid):
            total += int(words[11]) + int(words[12])
        if is_postmaster:
            total += int(words[13]) + int(words[14])
    return total / TICKS

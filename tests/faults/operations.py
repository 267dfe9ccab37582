"""Which I/O operations does a worker do, and what happens around each of them?

`watched` puts a gate around every statement, COPY, commit and rollback of Django's connections, and every write and
read of a socket (SMTP and IMAP are the only users: PostgreSQL's library brings its own). It is used in forked children
alone. Between the end of one operation and the begin of the next one a process does nothing that anybody else can see.
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.signals import connection_created

from tests.faults.processes import kill_myself

Gate = Callable[[str], None]
"""Called with the operation's name before each operation."""


@contextmanager
def watched(before: Gate, after: Gate | None = None) -> Iterator[None]:
    """Every operation within the block goes through the gates."""
    after = after or _pass
    with _watched_sql(before, after), _watched_copies(before, after), _watched_sockets(before, after):
        yield


class Count:
    """A gate that counts, and remembers the names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)


class KillAt:
    """A gate that nobody passes the `number`-th time (from 1); what was about to happen is told first.

    With `only`, operations whose names don't begin like that are not counted.
    """

    def __init__(self, number: int, tell: Callable[[str], None], only: str = "") -> None:
        self._left, self._tell, self._only = number, tell, only

    def __call__(self, name: str) -> None:
        if not name.startswith(self._only):
            return
        self._left -= 1
        if self._left == 0:
            self._tell(name)
            kill_myself()


def _pass(name: str) -> None:
    pass


@contextmanager
def _watched_sql(before: Gate, after: Gate) -> Iterator[None]:
    def statement(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        name = _named(str(sql))
        before(name)
        try:
            return execute(sql, params, many, context)
        finally:
            after(name)

    def around(name: str, connection: Any, work: Callable[[], Any]) -> Callable[[], Any]:
        def done() -> Any:
            if connection.connection is None:
                return work()
            before(name)
            try:
                return work()
            finally:
                after(name)

        return done

    def watch(connection: Any, **_: object) -> None:
        if statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(statement)
            for verb in ("commit", "rollback"):
                setattr(connection, f"_{verb}", around(verb.upper(), connection, getattr(connection, f"_{verb}")))

    watch(connection)
    connection_created.connect(watch)
    try:
        yield
    finally:
        connection_created.disconnect(watch)
        connection.execute_wrappers.remove(statement)
        own: Any = connection
        del own._commit, own._rollback


@contextmanager
def _watched_copies(before: Gate, after: Gate) -> Iterator[None]:
    """A COPY passes by Django's wrappers; its rows are there when its block ends."""
    inherited: Any = psycopg.Cursor.copy

    @contextmanager
    def copy(self: Any, statement: Any, *args: Any, **options: Any) -> Iterator[Any]:
        name = _named(str(statement))
        before(name)
        with inherited(self, statement, *args, **options) as copying:
            yield copying
        after(name)

    psycopg.Cursor.copy = copy  # type: ignore[method-assign]
    try:
        yield
    finally:
        psycopg.Cursor.copy = inherited  # type: ignore[method-assign]


def _named(sql: str) -> str:
    """The verb of a statement and its table: enough to find it."""
    verb = sql.split(None, 1)[0].upper() if sql.strip() else "?"
    table = re.search(r'(?:COPY|FROM|INTO|UPDATE)\s+"?(\w+)"?', sql, re.IGNORECASE)
    return f"{verb} {table.group(1)}" if table else verb


@contextmanager
def _watched_sockets(before: Gate, after: Gate) -> Iterator[None]:
    """`socket.socket` gets methods of its own in front of those it inherits; removing them undoes it.

    A reply that comes in pieces is one operation. Who is killed before reading it can rely on it being there: the other
    side has done what was asked.
    """
    unread: dict[int, str] = {}

    def writing(verb: str) -> Any:
        inherited = getattr(_Inherited, verb)

        def done(self: socket.socket, *args: Any) -> Any:
            before(name := f"socket {verb}{(words := _first_words(args))}")
            try:
                return inherited(self, *args)
            finally:
                unread[self.fileno()] = f"socket reply to{words or ' ' + verb}"
                after(name)

        return done

    def reading(verb: str) -> Any:
        inherited = getattr(_Inherited, verb)

        def done(self: socket.socket, *args: Any) -> Any:
            name = unread.pop(self.fileno(), "")
            if not name:
                return inherited(self, *args)
            select.select([self], [], [], self.gettimeout())
            before(name)
            try:
                return inherited(self, *args)
            finally:
                after(name)

        return done

    verbs = {"connect": writing, "sendall": writing, "send": writing, "recv": reading, "recv_into": reading}
    for verb, watch in verbs.items():
        setattr(socket.socket, verb, watch(verb))
    try:
        yield
    finally:
        for verb in verbs:
            delattr(socket.socket, verb)


_Inherited = socket.socket.__mro__[1]


def _first_words(args: tuple[Any, ...]) -> str:
    return f" {args[0][:24]!r}" if args and isinstance(args[0], bytes) else ""

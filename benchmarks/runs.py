"""What does every benchmark get from whoever runs it? A server, its sizes, the options, a way to say what goes on."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import psycopg

from benchmarks.servers import Server

Sizes = TypeVar("Sizes")
READ_AGAIN_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of some benchmarks. `changes` are sizes given by hand; `smtp` is an outside sink."""

    server: Server
    size: str = "full"
    changes: Mapping[str, int] | None = None
    smtp: tuple[str, int] | None = None
    profile: bool = False

    def sizes(self, full: Sizes, small: Sizes) -> Sizes:
        """The benchmark's sizes as this run wants them; changes that it doesn't know are for others."""
        chosen: Any = small if self.size == "small" else full
        known = {field.name for field in fields(chosen)}
        changed: Sizes = replace(chosen, **{k: v for k, v in (self.changes or {}).items() if k in known})
        return changed

    def state(self, *, cases: int, **wanted: Any) -> str:
        """The database with this state, as `filling.fill` makes it; filled once in a run, not to be changed."""
        if not self.server.has(cases=cases, **wanted):
            self.say(f"filling {cases:,} cases")
        return self.server.state(cases=cases, **wanted)

    def say(self, words: str) -> None:
        """Something for whoever waits; the table alone goes to standard output."""
        print(f"  {words}  (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)


@contextmanager
def mailboxes_are_read(database_url: str) -> Iterator[None]:
    """As a reader in another process would: every few seconds all mailboxes give a positive answer.

    Without it the proof of silence would be older than a minute before a long run ends.
    """
    stop = threading.Event()

    def read() -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            while not stop.wait(READ_AGAIN_EVERY):
                connection.execute(READ)

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(READ)
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        reader.join()


READ = (
    "UPDATE mail_mailbox SET read_through_at = clock_timestamp(), last_arrival_at = clock_timestamp(),"
    " read_wanted_at = NULL"
)

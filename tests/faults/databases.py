"""A fresh state for each fault: databases copied from one another, in milliseconds."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection

from tests.postgres import TEMPLATE, database_url


class Databases:
    """Databases of this process alone. `use` moves Django's default connection into one and back again."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._made: set[str] = set()
        self._server = psycopg.connect(database_url(), dbname="postgres", autocommit=True)
        self.empty = self.copy(TEMPLATE)
        with self.use(self.empty):
            call_command("migrate", verbosity=0)

    def copy(self, name: str) -> str:
        """A new database with everything that `name` holds; nobody works in that meanwhile."""
        made = f"faults_{os.getpid()}_{next(self._numbers)}"
        self._end_connections(name)
        self._server.execute(f'CREATE DATABASE "{made}" TEMPLATE "{name}" STRATEGY FILE_COPY')
        self._made.add(made)
        return made

    def drop(self, name: str) -> None:
        """It is gone, whoever is connected."""
        self._end_connections(name)
        self._server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        self._made.discard(name)

    @contextmanager
    def use(self, name: str) -> Iterator[None]:
        """Within the block Django's default connection, in this process and what it forks, is one to this database."""
        connection.close()
        before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before

    @contextmanager
    def fresh(self, template: str) -> Iterator[str]:
        """A copy in use, and gone at the end of the block."""
        name = self.copy(template)
        try:
            with self.use(name):
                yield name
        finally:
            self.drop(name)

    def close(self) -> None:
        """Drop them all."""
        for name in list(self._made):
            self.drop(name)
        self._server.close()

    def _end_connections(self, name: str) -> None:
        """Backends of killed processes may need a moment to notice. (The server itself sends its vacuum away.)"""
        self._server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [name],
        )

"""Where does a simulation keep its cases? In a database of its own, whose `clock_timestamp()` tells the simulated time.

Leases and claims run on the database's clock. A schema that is searched before PostgreSQL's own holds a function of the
same name, so that the very same statements live in simulated time.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from cryptography.fernet import Fernet
from django.db import connection
from psycopg import sql

from caseloop.config.embedded import EmbeddedPostgres

NAME = "caseloop_simulation"
MAINTENANCE = "postgres"
A_CLOCK = """
    CREATE SCHEMA simulation;
    CREATE TABLE simulation.clock (moment timestamptz NOT NULL);
    INSERT INTO simulation.clock VALUES ('2000-01-01 00:00:00+00');
    CREATE FUNCTION simulation.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT moment FROM simulation.clock';"""


@contextlib.contextmanager
def own_database(url: str) -> Iterator[str]:
    """The URL of a new database: on the server of `url`, else on an embedded one; it is gone afterwards."""
    name = f"{NAME}_{os.getpid()}"
    if not url:
        with tempfile.TemporaryDirectory(prefix="caseloop-simulation-") as folder:
            os.chmod(folder, 0o711)  # noqa: S103 - under root the server runs as a user of its own
            postgres = EmbeddedPostgres(Path(folder) / "postgres", durable=False)
            try:
                postgres.start()
                postgres.create_database(name)
                yield postgres.url(name)
            finally:
                connection.close()
                postgres.destroy()
        return
    with psycopg.connect(_on_same_server(url, MAINTENANCE), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    try:
        yield _on_same_server(url, name)
    finally:
        connection.close()
        with psycopg.connect(_on_same_server(url, MAINTENANCE), autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _on_same_server(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def settle_environment(url: str, folder: str) -> None:
    """Nothing of a real installation's settings reaches the simulation, least of all its database or mailbox."""
    for name in list(os.environ):
        if name.startswith(("CASELOOP_", "PG")) and name != "CASELOOP_LOG_LEVEL":
            del os.environ[name]
    os.environ.update(
        DATABASE_URL=url,
        CASELOOP_DATA_DIR=folder,
        CASELOOP_SECRET_KEY=secrets.token_urlsafe(50),
        CASELOOP_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    )


@contextlib.contextmanager
def simulated_time() -> Iterator[None]:
    """The database of this process tells simulated time, in each of its sessions; afterwards the true one again."""
    name = sql.Identifier(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(A_CLOCK)
        cursor.execute(sql.SQL("ALTER DATABASE {} SET search_path = simulation, pg_catalog, public").format(name))
        _let_the_server_tidy_up(False)
    connection.close()
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            _let_the_server_tidy_up(True)
            cursor.execute(sql.SQL("ALTER DATABASE {} RESET search_path").format(name))
            cursor.execute("DROP SCHEMA simulation CASCADE")
        connection.close()


def tell_time(moment: datetime) -> None:
    """From now on it is that moment for the database."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE simulation.clock SET moment = %s", [moment])


def tidy() -> None:
    """What the server does by itself now and then, done at a fixed time so that every replay has it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _let_the_server_tidy_up(is_wanted: bool) -> None:
    """While it may not, no plan changes in the middle of a run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %%I.%%I SET (autovacuum_enabled = %%s)', schemaname, tablename, %s::text)"
            " FROM pg_catalog.pg_tables WHERE schemaname = 'public'",
            ["true" if is_wanted else "false"],
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)

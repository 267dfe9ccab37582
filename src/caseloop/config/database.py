"""Which database does Caseloop talk to? `DATABASE_URL`, or the embedded PostgreSQL of its data folder."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from caseloop.config.env import BadSetting


def django_database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a `postgresql://` address; raises `BadSetting` for any other."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadSetting(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name (PostgreSQL 15 or newer)."
        )
    try:
        parts = dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        raise BadSetting(f"DATABASE_URL cannot be read: {error}") from error
    if not parts.get("dbname"):
        raise BadSetting(
            "DATABASE_URL names no database. It ends in /name, for example postgresql://localhost/caseloop."
        )
    known = {key: parts.pop(key, None) for key in ("dbname", "user", "password", "host", "port")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known["dbname"],
        "USER": known["user"] or "",
        "PASSWORD": known["password"] or "",
        "HOST": known["host"] or "",
        "PORT": str(known["port"] or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # so that PgBouncer in transaction mode is fine
        "OPTIONS": {key: value for key, value in parts.items() if value is not None},
        "TEST": {"TEMPLATE": "template0"},
    }

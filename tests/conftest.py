"""What every test may use: a real PostgreSQL, and a clock that stands where the test says."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from tests.postgres import TEMPLATE, database_url

pytest_plugins = ["tests.pages"]

os.environ["CASELOOP_ENCRYPTION_KEYS"] = Fernet.generate_key().decode()  # no test writes into anybody's data folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The embedded PostgreSQL of this run, or the one that DATABASE_URL names."""
    from django.db import connections

    from caseloop.config.database import django_database

    suffix = connections.databases["default"]["TEST"].get("NAME")
    chosen = django_database(database_url())
    chosen["TEST"] = {**connections.databases["default"]["TEST"], "TEMPLATE": TEMPLATE, "NAME": suffix}
    connections.databases["default"].update(chosen)
    connections["default"].settings_dict.update(chosen)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that uses the database touches SQL: those run a second time on Debian's PostgreSQL."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("django_db") or {"db", "transactional_db", "database"} & set(fixtures):
            item.add_marker(pytest.mark.sql)


@pytest.fixture
def monday() -> datetime:
    """Monday 23 November 2026, 10:14 UTC: within sending times nearly everywhere in Europe."""
    return datetime(2026, 11, 23, 10, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fast_passwords(settings: object) -> None:
    """Hashing a password is slow on purpose; no test is about that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]

"""Fixtures for tests of pages: a clock that stands, people, and a browser without a window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client, override_settings

from caseloop.accounts.models import User
from caseloop.administration import clock
from tests import factories, shipped_rows

shipped_rows.keep()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashing passwords well takes 0.2 s each, which tests of other things needn't wait for."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def at_monday(monkeypatch: pytest.MonkeyPatch, monday: datetime) -> datetime:
    """The clock of every request stands at this moment."""
    monkeypatch.setattr(clock, "now", lambda: monday)
    return monday


@pytest.fixture
def sofia(db: None) -> User:
    return factories.user("sofia", display_name="Sofia Marchetti-Brandenburger", time_zone="Europe/Berlin")


@pytest.fixture
def auditor(db: None) -> User:
    return factories.user("halima", "auditor", display_name="Halima Abdi")


@pytest.fixture
def as_sofia(client: Client, sofia: User, at_monday: datetime) -> Client:
    """Sofia's session."""
    client.force_login(sofia)
    return client


@pytest.fixture
def as_auditor(auditor: User, at_monday: datetime) -> Client:
    reading = Client()
    reading.force_login(auditor)
    return reading

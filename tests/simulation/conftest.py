"""A database that tells simulated time, and is as new for each run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from caseloop.simulation import database
from tests import shipped_rows


@pytest.fixture
def simulated(transactional_db: None) -> Iterator[None]:
    shipped_rows.put_back()
    with database.simulated_time():
        yield


def begin_anew() -> None:
    """Empty but for what is shipped, for a second run in the same test."""
    call_command("flush", verbosity=0, interactive=False)
    shipped_rows.put_back()

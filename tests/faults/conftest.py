"""The world of the fault tests: one for each test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.outcomes import Outcomes
from tests.faults.scenes import Scenes
from tests.faults.world import World


@pytest.fixture(scope="session")
def the_world(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        world = World()
        yield world
        world.close()


@pytest.fixture
def world(the_world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Databases, mail servers and a clock; each test begins from a scene of its own."""
    with django_db_blocker.unblock():
        yield the_world


@pytest.fixture(scope="session")
def outcomes() -> Iterator[Outcomes]:
    """What came of the faults, for the table in docs/reliability.md."""
    found = Outcomes()
    yield found
    found.leave()


@pytest.fixture
def scenes(world: World) -> Scenes:
    """The states that faults begin from."""
    return Scenes(world)

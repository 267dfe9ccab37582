"""A forked child begins with nothing of its parent's open."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection

from caseloop.cases.models import Case
from tests.faults.processes import End, fork
from tests.faults.scenes import THREE, Scenes
from tests.faults.world import World


def test_a_child_leaves_its_parents_connection_alone_though_an_event_loop_runs(
    world: World, scenes: Scenes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # as the tests with a browser leave it

    async def fork_inside() -> End:
        return fork(lambda tell: tell(f"{Case.objects.count()} in {connection.settings_dict['NAME']}")).wait()

    with world.play(scenes.written_to()):
        there = Case.objects.count()
        told = asyncio.run(fork_inside()).said
        assert told == f"{len(THREE)} in {connection.settings_dict['NAME']}"
        assert Case.objects.count() == there == len(THREE)

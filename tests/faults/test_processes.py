"""A forked child begins with nothing of its parent's open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.db import connection

from caseloop.cases.models import Case
from tests.faults.processes import fork
from tests.faults.scenes import THREE, Scenes
from tests.faults.world import World


@contextmanager
def running(loop: asyncio.AbstractEventLoop | None) -> Iterator[None]:
    """As the tests with a browser leave it: code that is not asynchronous, inside a loop."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


def test_a_child_leaves_its_parents_connection_alone_though_an_event_loop_runs(
    world: World, scenes: Scenes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with running(None), closing(asyncio.new_event_loop()) as loop, world.play(scenes.written_to()):
        there = Case.objects.count()
        with running(loop):
            child = fork(lambda tell: tell(f"{Case.objects.count()} in {connection.settings_dict['NAME']}"))
        assert child.wait().said == f"{len(THREE)} in {connection.settings_dict['NAME']}"
        assert Case.objects.count() == there == len(THREE)

"""Lanes: each does its own thing until all end; none waits for another one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from caseloop.config.lanes import Lane

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.005)


def test_a_lane_works_while_there_is_work_and_then_waits_for_news(stop: threading.Event) -> None:
    work, done = [1, 2, 3], []

    def take() -> bool:
        if work:
            done.append(work.pop(0))
        return bool(work)

    lane = Lane("taker", take, stop).start()
    until(lambda: done == [1, 2, 3])
    work.append(4)
    time.sleep(0.05)
    assert done == [1, 2, 3], "nobody has told it"
    lane.wake()
    until(lambda: done == [1, 2, 3, 4])


def test_a_lane_that_looks_by_itself_needs_no_news(stop: threading.Event) -> None:
    looked: list[int] = []
    Lane("looker", lambda: looked.append(1) or False, stop, looks_every=0.01).start()  # type: ignore[func-returns-value]
    until(lambda: len(looked) > 3)


def test_a_slow_lane_keeps_no_other_waiting(stop: threading.Event) -> None:
    hangs, done = threading.Event(), threading.Event()
    slow = Lane("slow", lambda: hangs.wait(10), stop).start()
    Lane("quick", lambda: bool(done.set()), stop).start()
    assert done.wait(5)
    stop.set()
    slow.wake()
    assert not slow.join(0.05), "it hangs on"
    hangs.set()
    assert slow.join(5)


def test_news_that_comes_while_a_lane_works_is_not_lost(stop: threading.Event) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    looked: list[int] = []

    def work() -> bool:
        looked.append(1)
        begun.set()
        may_go_on.wait(5)
        return False

    lane = Lane("busy", work, stop).start()
    assert begun.wait(5)
    lane.wake()
    may_go_on.set()
    until(lambda: len(looked) == 2)


def test_a_lost_database_is_waited_for(stop: threading.Event) -> None:
    tried: list[int] = []

    def work() -> bool:
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError("the connection is lost")
        return False

    lane = Lane("patient", work, stop, database_again_after=0.01).start()
    until(lambda: len(tried) == 3)
    assert lane.failure is None
    assert not stop.is_set()


def test_an_error_that_nobody_planned_ends_all_lanes_and_is_kept(stop: threading.Event) -> None:
    def work() -> bool:
        raise ZeroDivisionError("a defect")

    other = Lane("other", lambda: False, stop, looks_every=0.01).start()
    lane = Lane("broken", work, stop).start()
    assert lane.join(5)
    assert isinstance(lane.failure, ZeroDivisionError)
    assert other.join(5)


def test_at_its_end_a_lane_closes_what_it_has_opened(stop: threading.Event) -> None:
    closed: list[str] = []
    lane = Lane("tidy", lambda: False, stop, at_end=lambda: closed.append(threading.current_thread().name)).start()
    stop.set()
    lane.wake()
    assert lane.join(5)
    assert closed == ["tidy"]

"""How does time pass in the demo? In steps: the clock is put ahead, then everything that is due is let happen.

A step ends where the next thing is due, and after three hours at the latest: the loop has to be seen running at least
every four hours, or it counts as stopped (spec 2.11). Only this process moves the clock, so it knows the offset.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from caseloop.administration import clock
from caseloop.demo.quiet import Quiet, next_due
from caseloop.followups import guard

LONGEST_STEP = timedelta(hours=3)
JUST_AFTER = timedelta(seconds=20)
SOON = timedelta(seconds=30)
NUDGES_AT_MOST = 50
LOOK_EVERY = 0.1
SECONDS_PER_HOUR = 20 / 48
"""How long an hour of the story takes when somebody watches: 48 hours in about 20 seconds."""


class Wish(Enum):
    """How whoever watches wants time to pass."""

    WATCH = auto()
    HURRY = auto()
    PAUSE = auto()


def hurry() -> Wish:
    """Nobody watches."""
    return Wish.HURRY


@dataclass(slots=True)
class ClockHand:
    """Moves the demo's clock. Each of `after_step` is called with the time when all that was due has happened."""

    quiet: Quiet
    wish: Callable[[], Wish] = hurry
    after_step: list[Callable[[datetime], None]] = field(default_factory=list)
    next_events: list[Callable[[], datetime | None]] = field(default_factory=list)
    _offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The demo's time (UTC), without asking the database: for mail servers and other threads."""
        return datetime.now(UTC) + self._offset

    def jump_to(self, moment: datetime) -> None:
        """Straight to the moment: only while no rule is active and nothing can be due."""
        self._put_ahead(max(timedelta(0), moment - self.now()))
        self.settle()

    def pass_until(self, moment: datetime) -> None:
        """Step by step to the moment, as slowly as somebody wants to watch it."""
        while (now := self.now()) < moment:
            began = time.monotonic()
            to = min([moment, now + LONGEST_STEP, *self._events(now)])
            self._put_ahead(to - now)
            guard.heartbeat(self.now())
            self.settle()
            self._take_time((to - now) / timedelta(hours=1) * SECONDS_PER_HOUR - (time.monotonic() - began))

    def settle(self) -> None:
        """Let everything happen that is due now or within half a minute, and what follows from it."""
        for _ in range(NUDGES_AT_MOST):
            self.quiet.wait(self.now)
            before = self.quiet.trace()
            for watcher in self.after_step:
                watcher(self.now())
            soon = next_due(self.now())
            if soon is not None and soon <= self.now() + SOON:
                self._put_ahead(soon - self.now() + timedelta(milliseconds=10))
            elif self.quiet.trace() == before:
                return

    def _events(self, now: datetime) -> list[datetime]:
        events = [next_due(now), *(ask() for ask in self.next_events)]
        return [max(event + JUST_AFTER, now + timedelta(seconds=1)) for event in events if event is not None]

    def _put_ahead(self, by: timedelta) -> None:
        if by > timedelta(0):
            clock.advance(by)
            self._offset += by

    def _take_time(self, seconds: float) -> None:
        """So long that it can be followed; a pause doesn't count, and who hurries doesn't wait."""
        left, looked_at = seconds, time.monotonic()
        while (wish := self.wish()) is not Wish.HURRY and (left > 0 or wish is Wish.PAUSE):
            time.sleep(max(0.01, min(LOOK_EVERY, left)) if wish is Wish.WATCH else LOOK_EVERY)
            now = time.monotonic()
            if wish is Wish.WATCH:
                left -= now - looked_at
            looked_at = now

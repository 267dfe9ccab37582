"""How does the story go on by hand? The page writes wishes into a row, and the process that moves the clock obeys."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from caseloop.demo.clock_hand import ClockHand, Wish
from caseloop.demo.models import DemoState, Phase
from caseloop.demo.quiet import NotQuiet

LOOK_EVERY = 0.2
TELL_EVERY = 0.5
A_WHILE = timedelta(hours=3)


@dataclass(slots=True)
class Wishes:
    """What the page wants, asked now and then; `meanwhile(now)` twice a second, so that nothing stays untold."""

    now: Callable[[], datetime]
    meanwhile: Callable[[datetime], None]
    _told_at: float = 0.0

    def wish(self) -> Wish:
        """Hurry to the moment that somebody asked for, else stand or walk."""
        now = self.now()
        if time.monotonic() - self._told_at >= TELL_EVERY:
            self._told_at = time.monotonic()
            self.meanwhile(now)
        state = DemoState.current()
        if state.target_at is not None and state.target_at > now:
            return Wish.HURRY
        return Wish.PAUSE if state.is_paused else Wish.WATCH


def set_phase(phase: Phase, *, is_paused: bool = False) -> None:
    """Tell the page how far the demo is."""
    DemoState.current()
    DemoState.objects.filter(id=1).update(phase=phase, is_paused=is_paused, target_at=None)


def go_on(hand: ClockHand, wishes: Wishes, say: Callable[[str], None]) -> NoReturn:
    """Obey the page until this process is ended."""
    while True:
        try:
            _once(hand, wishes)
        except NotQuiet as error:  # a reader may switch off or stop whatever they like
            say(f"The clock goes on, though something waits: {error}")


def _once(hand: ClockHand, wishes: Wishes) -> None:
    wish = wishes.wish()
    target = DemoState.current().target_at
    if wish is Wish.HURRY and target is not None:
        hand.pass_until(target)
        DemoState.objects.filter(id=1, target_at=target).update(target_at=None)
    elif wish is Wish.WATCH:
        hand.pass_until(hand.now() + A_WHILE)
    else:
        time.sleep(LOOK_EVERY)

"""What breaks, and when? Mail servers for hours, single mails, the database, and the worker itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from caseloop.simulation.clock import SimulatedClock
from caseloop.simulation.interruptions import Interruption, Interruptions
from caseloop.simulation.mail_server import MailServer, Way
from caseloop.simulation.story import Story

ODD_MAILS = (
    Way.LATER,
    Way.LATER_AFTER_DOT,
    Way.CUT_BEFORE_DOT,
    Way.CUT_AFTER_DOT_TAKEN,
    Way.CUT_AFTER_DOT_LOST,
    Way.REFUSED,
)
SPELLS = (Way.NO_CONNECTION, Way.LATER, Way.CUT_BEFORE_DOT, Way.SLOW)


@dataclass(slots=True)
class Outages:
    """`at(moment, do)` lets something happen then. Without faults nothing here happens."""

    rng: random.Random
    clock: SimulatedClock
    server: MailServer
    points: Interruptions
    story: Story
    at: Callable[[datetime, Callable[[], None]], None]
    spell: Way = Way.WELL
    interrupted: dict[Interruption, int] = field(default_factory=dict)

    def plan(self, begins: datetime, days: int) -> None:
        """Every few days a mail server fails for a while."""
        self.server.way = self._way
        for _ in range(max(2, days // 5)):
            self.at(begins + timedelta(hours=self.rng.uniform(24, 24 * days)), self._smtp_fails)
            self.at(begins + timedelta(hours=self.rng.uniform(24, 24 * days)), self._imap_fails)
        for _ in range(max(1, days // 20)):
            self.at(begins + timedelta(hours=self.rng.uniform(24, 24 * days)), self._folders_are_renumbered)

    def before_turn(self) -> None:
        """One turn in about a hundred is interrupted, somewhere."""
        chance = self.rng.random()
        if chance < 0.006:
            self.points.arm(Interruption.KILL, self.rng.randint(1, 90))
        elif chance < 0.010:
            self.points.arm(Interruption.LOSE_DATABASE, self.rng.randint(1, 90))

    def note(self, what: Interruption) -> None:
        """It has happened."""
        self.interrupted[what] = self.interrupted.get(what, 0) + 1
        self.story.tell(None, "the machines", what.value)

    def _way(self) -> Way:
        if self.spell is not Way.WELL:
            return self.spell
        return self.rng.choice(ODD_MAILS) if self.rng.random() < 0.01 else Way.WELL

    def _smtp_fails(self) -> None:
        self.spell = self.rng.choice(SPELLS)
        self.story.tell(None, "the mail server", f"from now on {self.spell.value}")
        self.at(self.clock.at + timedelta(hours=self.rng.uniform(0.2, 8)), self._smtp_works)

    def _smtp_works(self) -> None:
        self.spell = Way.WELL
        self.story.tell(None, "the mail server", f"from now on {self.spell.value}")

    def _imap_fails(self) -> None:
        self.server.is_readable = False
        self.story.tell(None, "the mail server", "the mailbox cannot be read from now on")
        self.at(self.clock.at + timedelta(hours=self.rng.uniform(0.3, 26)), self._imap_works)

    def _imap_works(self) -> None:
        self.server.is_readable = True
        self.story.tell(None, "the mail server", "the mailbox can be read again")

    def _folders_are_renumbered(self) -> None:
        self.server.renumber()
        self.story.tell(None, "the mail server", "the folders are numbered anew")

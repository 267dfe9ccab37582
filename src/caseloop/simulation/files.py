"""What do the people and mail servers outside of Caseloop know about each case? Not one line of it is from its tables,
but the case's number and the moments of its endings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from caseloop.simulation.letters import Letter, Ours

if TYPE_CHECKING:
    from caseloop.simulation.customers import Customer, Mood


class By(StrEnum):
    """Who sent one of our mails, as the mail server and our own people know."""

    PERSON = "by hand"
    CONFIRMED = "a suggested follow-up, sent by a person"
    AUTOMATIC = "a follow-up by the assistant"
    NOTICE = "a closing notice"


class Arrival(StrEnum):
    """What became of a hand-over at the mail server."""

    TAKEN = "taken"
    TAKEN_UNSAID = "taken, but the line was lost before it could be said"
    LOST = "the line was lost, and the mail with it"
    PUT_OFF = "put off"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One hand-over of one of our mails at the mail server."""

    message_id: str
    at: datetime
    by: By
    arrival: Arrival

    @property
    def has_arrived(self) -> bool:
        return self.arrival in (Arrival.TAKEN, Arrival.TAKEN_UNSAID)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided about the words of a customer: everything offered until then, or one letter."""

    at: datetime
    what: str
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asked for from some moment on. `least_wait` is a lower bound of every wait, in true time."""

    since: datetime
    follow_ups: int
    least_wait: timedelta


@dataclass(eq=False, slots=True)
class RuleFile:
    """A rule as its administrators know it; `is_automatic`: full automation."""

    name: str
    queue: str
    is_automatic: bool
    counts_persons_mail: bool
    resolves_favorable: bool
    terms: list[Terms] = field(default_factory=list)
    activated: list[datetime] = field(default_factory=list)
    pk: int = 0

    @property
    def most_follow_ups(self) -> int:
        """The most that any version has asked for."""
        return max(terms.follow_ups for terms in self.terms)

    @property
    def least_wait(self) -> timedelta:
        """The shortest wait that any version has asked for."""
        return min(terms.least_wait for terms in self.terms)


@dataclass(eq=False, slots=True)
class CaseFile:
    """One case of the simulation; `index` is its name in stories, the same in every replay."""

    index: int
    customer: Customer
    rule: RuleFile
    title: str
    pk: int = 0
    number: str = ""
    mood: Mood | None = None
    mails_since_person: int = 0
    last_ours: Ours | None = None
    letters: list[Letter] = field(default_factory=list)
    calls: list[datetime] = field(default_factory=list)
    handed_over: list[HandedOver] = field(default_factory=list)
    bounced_at: dict[str, datetime] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    closed_at: datetime | None = None
    closed_by_agent: int = 0
    closed_by_person: int = 0
    reopened: int = 0
    answered: int = 0

    @property
    def name(self) -> str:
        return f"case {self.index}"

    def last_arrived(self) -> HandedOver | None:
        """Our last mail to the customer that the mail server took, closing notices aside."""
        return next((m for m in reversed(self.handed_over) if m.has_arrived and m.by is not By.NOTICE), None)

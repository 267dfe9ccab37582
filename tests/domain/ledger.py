"""What was promised to the customer, counted by other means than the core counts (spec 10, P1 to P3).

The ledger hears of each event as it happens and of each act before it takes effect. It keeps no facts of the core: it
remembers words that wait for a person, mails since the count began, and what was switched off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from caseloop.domain.actions import Proof
from caseloop.domain.facts import Label
from caseloop.domain.policy import Policy

MINUTE = timedelta(seconds=60)
NEED_A_PERSON = (Label.NEGATIVE, Label.QUESTION, Label.INFORMATION, Label.UNCLEAR)


@dataclass
class Word:
    """Something the customer said that no person has dealt with."""

    at: datetime
    label: Label | None  # None: a call, recorded by hand
    until: date | None
    is_trusted: bool
    is_opened: bool

    def puts_off(self) -> bool:
        return self.label is Label.DEFERRAL and self.is_trusted

    def is_over(self, now: datetime) -> bool:
        """A named day has passed; one that was past already, or absurd, never counted."""
        if self.until is None or not timedelta(0) < self.until - self.at.date() <= timedelta(days=366):
            return True
        return now.date() > self.until


@dataclass
class Sent:
    """A mail of ours that counts, from the anchor on."""

    at: datetime
    written_at: datetime
    has_arrived: bool = True
    closes_on: date | None = None


@dataclass
class Ledger:
    """Asks of every hand-over and every closing what the promises ask. Raises AssertionError."""

    words: list[Word] = field(default_factory=list)
    said_last_at: datetime | None = None
    answered_last_at: datetime | None = None
    away_undated_at: datetime | None = None
    needs_no_reply: bool = False
    mails: list[Sent] = field(default_factory=list)
    anchor_counts: bool = True
    stops: set[str] = field(default_factory=set)
    held_until: datetime | None = None
    visible_at: dict[int, datetime] = field(default_factory=dict)

    def hears(self, word: Word) -> None:
        self.words.append(word)
        self.said_last_at = word.at
        self.answered_last_at = word.at

    def away(self, at: datetime, is_dated: bool) -> None:
        self.said_last_at = at
        if not is_dated:
            self.away_undated_at = at

    def judged(self, is_over: bool) -> None:
        """A person decided about everything that had come in."""
        self.words.clear()
        self.needs_no_reply = is_over

    def person_sent(self, mail: Sent, begins_count: bool) -> None:
        self.words = [word for word in self.words if not (word.is_opened and word.at < mail.written_at)]
        self.needs_no_reply = False
        if begins_count:
            self.mails.clear()
        self.mails.append(mail)

    def agent_sends(self, mail: Sent, policy: Policy, now: datetime, proof: Proof, *, is_automatic: bool) -> None:
        """P1 and P2, then the mail is entered."""
        self._asks_what_every_act_asks(proof, now)
        if is_automatic:
            assert not self._stops(now), f"a mail went out though {self._stops(now)}"
        for word in self.words:
            assert word.puts_off(), f"a follow-up over {word}"
            assert word.is_over(now), f"a follow-up before the day in {word}"
        counted = self.mails if self.anchor_counts else self.mails[1:]
        since = [sent for sent in counted if self.answered_last_at is None or sent.at > self.answered_last_at]
        assert len(since) + 1 <= policy.follow_ups, (
            f"{len(since) + 1} follow-ups, and the rule says {policy.follow_ups}"
        )
        assert now - self.mails[-1].at >= shortest(policy), "two mails within one wait"
        self.mails.append(mail)

    def agent_closes(
        self, policy: Policy, now: datetime, proof: Proof, activated_at: datetime | None, *, is_favorable: bool
    ) -> None:
        """P2 and P3."""
        self._asks_what_every_act_asks(proof, now)
        assert not self._stops(now), f"a case was closed though {self._stops(now)}"
        assert all(mail.has_arrived for mail in self.mails), "a case was closed though a mail has not arrived"
        if is_favorable:
            assert self.words[-1].label is Label.FAVORABLE
            assert all(word.is_trusted and word.label not in NEED_A_PERSON for word in self.words)
            return
        assert all(word.puts_off() and word.is_over(now) for word in self.words), f"closed over {self.words}"
        last = self.mails[-1]
        assert self.said_last_at is None or last.written_at > self.said_last_at, "no mail since the customer's words"
        assert now - last.at >= shortest(policy), "closed within the wait"
        assert activated_at is None or last.at >= activated_at, "closed for a silence older than the rule"
        assert self.away_undated_at is None or now - self.away_undated_at >= timedelta(days=7), "closed while away"
        assert policy.closes_without_notice or (last.closes_on is not None and last.closes_on <= now.date())
        assert proof.deadline >= last.at + shortest(policy)

    def _stops(self, now: datetime) -> set[str]:
        is_held = self.held_until is not None and self.held_until > now
        return self.stops | ({"held"} if is_held else set())

    def _asks_what_every_act_asks(self, proof: Proof, now: datetime) -> None:
        assert not self.needs_no_reply, "a person said that it ends here"
        for address, read_at in proof.read_through:
            assert proof.deadline < read_at, f"{address} was read before the wait was over"
            assert now - read_at <= MINUTE, f"{address} was read {now - read_at} ago"
        assert proof.read_through
        missed = [at for at in self.visible_at.values() if now - at > MINUTE]
        assert not missed, f"an answer lay on the server since {missed}"


def shortest(policy: Policy) -> timedelta:
    return min(wait.length for wait in policy.waits)

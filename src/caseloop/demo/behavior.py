"""What do the customers of the story do after the agent's first follow-up? They answer, or stay silent, as cast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from caseloop.demo.cast import OFFICE, Acts, Customer, words
from caseloop.demo.customer_mail import Read, automatic_reply, away_until, last_from_support, read, reply, send
from caseloop.demo.mail_system import MailSystem

ANSWERS_AFTER = {
    Acts.FAVORABLE: timedelta(hours=2),
    Acts.NEGATIVE: timedelta(hours=3),
    Acts.OUT_OF_OFFICE: timedelta(0),
}
FRIDAY = 4


@dataclass(slots=True)
class Behavior:
    """All customers of the story at their mailboxes. `twists` makes one act otherwise, to try the story's check."""

    mail: MailSystem
    customers: tuple[Customer, ...]
    twists: Mapping[str, Acts] = field(default_factory=dict)
    _seen_at: dict[str, datetime] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def act(self, now: datetime) -> None:
        """Look into every mailbox, and answer what is to be answered by now."""
        for customer in self.customers:
            if customer.address in self._done:
                continue
            first = self._first_follow_up(customer)
            if first is None:
                continue
            seen_at = self._seen_at.setdefault(customer.address, now)
            if now >= seen_at + ANSWERS_AFTER.get(self.acts(customer), timedelta(0)):
                self._done.add(customer.address)
                self._answer(customer, first, now)

    def next_answer(self) -> datetime | None:
        """When the next customer means to answer."""
        waiting = [
            seen_at + ANSWERS_AFTER[acts]
            for customer in self.customers
            if customer.address not in self._done
            and (seen_at := self._seen_at.get(customer.address)) is not None
            and (acts := self.acts(customer)) in ANSWERS_AFTER
        ]
        return min(waiting, default=None)

    def let_addresses_die(self) -> None:
        """From now on mail to the addresses of those who bounce comes back."""
        for customer in self.customers:
            if self.acts(customer) is Acts.BOUNCE:
                self.mail.bounce(customer.address)

    def acts(self, customer: Customer) -> Acts:
        return self.twists.get(f"{customer.level}:{customer.acts}", customer.acts)

    def _first_follow_up(self, customer: Customer) -> Read | None:
        mails = self.mail.messages(customer.address)
        return last_from_support(map(read, mails)) if len(mails) > 1 else None

    def _answer(self, customer: Customer, to: Read, now: datetime) -> None:
        match self.acts(customer):
            case Acts.FAVORABLE:
                send(reply(customer, to, words(customer.language, "thanks"), now), self.mail.smtp_port)
            case Acts.NEGATIVE:
                send(reply(customer, to, words(customer.language, "angry"), now), self.mail.smtp_port)
            case Acts.OUT_OF_OFFICE:
                notice = automatic_reply(customer, to, away_until(customer, back_on(now)), now)
                send(notice, self.mail.smtp_port, envelope_from="")


def back_on(now: datetime) -> date:
    """The Friday of the week, or of the next one: later than the wait of 48 hours lasts from a Wednesday on."""
    today = now.astimezone(ZoneInfo(OFFICE)).date()
    days = (FRIDAY - today.weekday()) % 7
    return today + timedelta(days=days or 7)

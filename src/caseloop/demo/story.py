"""The Contoso Coffee story, from the customers' first mails to the last resolution.

a Thursday    ten customers write; their mails open cases
Monday 8:45   Jonas sorts the cases and activates the rule at both levels
Monday 9:00   Sofia answers all ten and puts the cases on hold
… nine days   the waits of 48 hours run; customers answer as the cast says, or stay silent
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from caseloop.cases.models import Case
from caseloop.demo import representative
from caseloop.demo.behavior import Behavior
from caseloop.demo.cast import MAILBOX, OFFICE, Customer
from caseloop.demo.clock_hand import ClockHand
from caseloop.demo.customer_mail import question, send
from caseloop.demo.narrator import Narrator
from caseloop.demo.setting import make_rules
from caseloop.followups.models import Enrolment

ASKED_BEFORE = timedelta(days=11)
LASTS = timedelta(days=9, hours=9)
BETWEEN_QUESTIONS = timedelta(minutes=7)


@dataclass(slots=True)
class Story:
    """`customers` are played; `also` only write their first mail, for whoever goes on by hand."""

    hand: ClockHand
    behavior: Behavior
    narrator: Narrator
    customers: tuple[Customer, ...]
    also: tuple[Customer, ...] = ()

    def play(self) -> None:
        """The whole story. Raises `NotQuiet` when something that is due does not happen."""
        monday = story_monday(self.hand.now())
        self._customers_ask(monday - ASKED_BEFORE + timedelta(hours=1))
        self._rules_begin(monday - timedelta(minutes=15))
        self._sofia_answers(monday)
        self.hand.after_step += [self.behavior.act, representative.work]
        self.hand.next_events += [self.behavior.next_answer, self._next_morning]
        self._days(monday + LASTS)
        self.hand.after_step.remove(representative.work)
        self.hand.next_events.remove(self._next_morning)

    def answer(self, customer: Customer) -> None:
        """Sofia answers the customer's first mail now."""
        case = _case_of(customer)
        representative.take(case, customer, self.hand.now())
        representative.answer(case, customer, self.hand.now())
        self.hand.settle()

    def _customers_ask(self, thursday: datetime) -> None:
        self.hand.jump_to(thursday)
        for customer in (*self.customers, *self.also):
            send(question(customer, self.hand.now()), self.behavior.mail.smtp_port)
            self.hand.jump_to(self.hand.now() + BETWEEN_QUESTIONS)

    def _rules_begin(self, moment: datetime) -> None:
        self.hand.jump_to(moment)
        now = self.hand.now()
        for customer in self.customers:
            representative.take(_case_of(customer), customer, now)
        for rule in make_rules(now):
            by = "Jonas, and Mira gives the second yes" if rule.level == "full" else "Jonas"
            self.narrator.line(now, "Rule activated", f"{rule.name} ({rule.level}), by {by}")

    def _sofia_answers(self, monday: datetime) -> None:
        self.hand.pass_until(monday)
        for customer in self.customers:
            representative.answer(_case_of(customer), customer, self.hand.now())
        self.hand.settle()
        self.behavior.let_addresses_die()

    def _days(self, end: datetime) -> None:
        while self.hand.now() < end:
            self.hand.pass_until(min(end, _midnight_after(self.hand.now())))
            if self.hand.now() < end:
                running = Enrolment.objects.filter(state="running").count()
                self.narrator.line(self.hand.now(), f"{running} series wait" if running != 1 else "1 series waits", "")

    def _next_morning(self) -> datetime | None:
        """Sofia's next day begins at 9:00; the step ends there, so that she finds what came overnight."""
        return representative.next_morning(self.hand.now())


def story_monday(now: datetime) -> datetime:
    """The first Monday, 9:00 in the office, for which all may write eleven days before, from now on."""
    zone = ZoneInfo(OFFICE)
    first_day = (now + ASKED_BEFORE).astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(first_day + timedelta(days=-first_day.weekday() % 7), time(9), zone)


def _midnight_after(now: datetime) -> datetime:
    day = now.astimezone(ZoneInfo(OFFICE)).date() + timedelta(days=1)
    return datetime.combine(day, time(0), ZoneInfo(OFFICE))


def _case_of(customer: Customer) -> Case:
    found = Case.objects.filter(title=customer.title, contact__addresses__address=customer.address).first()
    if found is None:
        raise LookupError(f"The mail of {customer.name} to {MAILBOX} opened no case.")
    return found

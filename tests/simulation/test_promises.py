"""Each promise by itself: a case on Monday 2 March 2026, what is handed over, and what the customer said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caseloop.simulation.clock import SimulatedClock
from caseloop.simulation.customers import Customer, Kind
from caseloop.simulation.files import Arrival, By, CaseFile, HandedOver, RuleFile, Terms, Verdict
from caseloop.simulation.interruptions import Interruptions
from caseloop.simulation.letters import Letter, Means
from caseloop.simulation.mail_server import MailServer
from caseloop.simulation.promises import Closing, PromiseBroken, Promises
from caseloop.simulation.registry import Registry
from caseloop.simulation.story import Story

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TWO_DAYS = timedelta(days=2)


@pytest.fixture
def file() -> CaseFile:
    rule = RuleFile("Standard care", "queue", is_automatic=True, counts_persons_mail=True, resolves_favorable=False)
    rule.terms.append(Terms(MONDAY, 3, TWO_DAYS))
    customer = Customer(1, Kind.SILENT, "Anna", "anna@cafe.example", "en", "Europe/Berlin", "Café")
    made = CaseFile(1, customer, rule, "The grinder jams")
    customer.files.append(made)
    return made


@pytest.fixture
def promises() -> Promises:
    clock = SimulatedClock(MONDAY)
    server = MailServer(clock, Interruptions(), keeps_copies=True)
    return Promises(server, Registry(server), Story(clock))


def send(promises: Promises, file: CaseFile, at: datetime, by: By, arrival: Arrival = Arrival.TAKEN) -> None:
    """A mail of ours, after a reading half a minute before."""
    mail = HandedOver(f"<{len(file.handed_over)}@contoso.example>", at, by, arrival)
    promises.judge_mail(file, mail, at - timedelta(seconds=30))


def close(promises: Promises, file: CaseFile, at: datetime, *, read: timedelta = timedelta(seconds=30)) -> None:
    promises.server.readings.append(at - read)
    promises.judge_closing(Closing(at, file, is_by_agent=True, is_favorable=False))


def say(file: CaseFile, means: Means, at: datetime, *, is_reply: bool = True, raw: bytes = b"") -> Letter:
    letter = Letter(raw, means, file, sender=file.customer.address, is_reply=is_reply, arrived_at=at, offered_at=at)
    file.letters.append(letter)
    return letter


def broken(promise: str, sentence: str = "") -> Any:
    return pytest.raises(PromiseBroken, match=f"{promise} is broken.*{sentence}")


def test_two_follow_ups_and_a_closing_every_two_days_keep_all_promises(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)
    send(promises, file, MONDAY + 2 * TWO_DAYS, By.AUTOMATIC)
    close(promises, file, MONDAY + 3 * TWO_DAYS)
    assert file.closed_by_agent == 1


def test_a_follow_up_more_than_the_rule_says_breaks_p1(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    for number in (1, 2):
        send(promises, file, MONDAY + number * TWO_DAYS, By.AUTOMATIC)
    with broken("P1", "3 follow-ups in a row"):
        send(promises, file, MONDAY + 3 * TWO_DAYS, By.AUTOMATIC)


def test_a_follow_up_within_the_wait_breaks_p1(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    with broken("P1", "after our last mail"):
        send(promises, file, MONDAY + timedelta(hours=47), By.CONFIRMED)


def test_a_follow_up_after_an_answer_that_was_offered_breaks_p2(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    say(file, Means.ANGRY, MONDAY + timedelta(hours=20))
    with broken("P2", "complains"):
        send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)


def test_an_answer_that_lies_unread_on_the_server_breaks_nothing(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    say(file, Means.ANGRY, MONDAY + timedelta(hours=20)).offered_at = None
    send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)


def test_a_persons_mail_or_word_deals_with_an_answer(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    say(file, Means.ANGRY, MONDAY + timedelta(hours=20))
    file.verdicts.append(Verdict(MONDAY + timedelta(hours=22), "continue"))
    send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)


def test_a_new_mail_of_the_customer_holds_the_other_case_that_waits(promises: Promises, file: CaseFile) -> None:
    other = CaseFile(2, file.customer, file.rule, "The display stays dark")
    file.customer.files.append(other)
    send(promises, file, MONDAY, By.PERSON)
    letter = say(other, Means.ASKS, MONDAY + timedelta(hours=20), is_reply=False)
    with broken("P2"):
        send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)
    file.verdicts.append(Verdict(MONDAY + TWO_DAYS, "no", letter))
    send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)


def test_a_call_that_was_written_down_breaks_p2(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    file.calls.append(MONDAY + timedelta(hours=5))
    with broken("P2", "called"):
        send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)


def test_a_closing_without_a_reading_in_the_minute_before_breaks_p3(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    with broken("P3", "last read"):
        close(promises, file, MONDAY + TWO_DAYS, read=timedelta(seconds=90))


@pytest.mark.parametrize("arrival", [Arrival.LOST, Arrival.REFUSED, Arrival.PUT_OFF])
def test_a_closing_while_a_mail_was_not_taken_breaks_p3(promises: Promises, file: CaseFile, arrival: Arrival) -> None:
    send(promises, file, MONDAY, By.PERSON)
    send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC, arrival)
    with broken("P3", "was closed though our mail"):
        close(promises, file, MONDAY + 3 * TWO_DAYS)


def test_a_closing_after_a_mail_came_back_breaks_p3(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    say(file, Means.BOUNCES, MONDAY + timedelta(minutes=5), raw=b"Message-ID: <0@contoso.example>")
    with broken("P3", "had come back"):
        close(promises, file, MONDAY + TWO_DAYS)


def test_a_mail_that_the_server_took_twice_breaks_p4_at_once(promises: Promises, file: CaseFile) -> None:
    mail = HandedOver("<1@contoso.example>", MONDAY, By.PERSON, Arrival.TAKEN)
    promises.note(file, mail)
    with broken("P4", "twice"):
        promises.note(file, mail)


def test_an_act_before_the_day_of_return_breaks_the_rule_on_absences(promises: Promises, file: CaseFile) -> None:
    send(promises, file, MONDAY, By.PERSON)
    say(file, Means.AWAY, MONDAY + timedelta(minutes=1)).back_on = MONDAY + timedelta(days=5)
    with broken("3.7"):
        send(promises, file, MONDAY + TWO_DAYS, By.AUTOMATIC)

"""People save the case, and customers answer, while a worker is in the middle of its work on that very case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import psutil
import pytest
from django.db import connection

from caseloop.cases.changes import edit_case, hold, set_no_automation
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Case, StatusReason
from caseloop.cases.resolving import ResolutionDetails
from caseloop.followups import guard, rules, steering
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import Rule
from caseloop.mail.models import Message
from tests import factories
from tests.faults.outcomes import Outcomes
from tests.faults.processes import Child, fork
from tests.faults.real_workers import Hold, at_rest, real_workers, until
from tests.faults.world import MONDAY_9, Play, World

CUSTOMERS = [f"customer{number}@cafe.example" for number in range(8)]
LOUD, EDITED, RESOLVED, SKIPPED, STOPPED, BARRED, HELD, LEFT_ALONE = CUSTOMERS
STEPS = {
    "has looked at the case": ("WITH unnest", 2),
    "writes what it decided": ("INSERT followups_reading", 1),
    "begins to claim": ("INSERT mail_sendingcount", 1),
    "takes the last look": ("INSERT followups_contactslot", 1),
    "hands a mail over": ("socket sendall b'DATA", 1),
    "writes that mails went out": ("UPDATE cases_case", 1),
}
BEFORE_THE_CLAIM = ("has looked at the case", "begins to claim")
"""The steps at which the worker holds no locks and has not yet taken the last look."""
NO = "No, it still does not work."


def follow_ups_are_due(play: Play) -> None:
    """Eight customers have been silent for 48 hours, but for one, whose answer nobody has read yet."""
    play.rule("full", follow_ups=2)
    for number, address in enumerate(CUSTOMERS):
        contact = factories.contact(f"Customer {number}", address)
        play.we_write(play.case(f"Contoso Coffee: grinder {number}", contact=contact), to=address)
    play.now = MONDAY_9 + timedelta(hours=47)
    play.settle()
    play.now = MONDAY_9 + timedelta(hours=48, minutes=1)
    play.customer_writes(NO, sender=LOUD)


def case_of(address: str) -> Case:
    return Case.objects.get(contact__addresses__address=address)


def at_the_step(step: str) -> Hold:
    name, nth = STEPS[step]
    return Hold(lambda operation: operation.startswith(name), nth)


def people_at_work(play: Play, *verbs: Callable[[], object]) -> list[Child]:
    """Each in a process of their own; returns when everybody is done or waits for the worker's locks."""

    def person(verb: Callable[[], object]) -> Callable[[object], None]:
        def work(tell: object) -> None:
            with suppress(CaseError, FollowUpError):  # told in a sentence that it is too late
                verb()

        return work

    people = [fork(person(verb)) for verb in verbs]
    until(play, lambda: _done(people) + _waiting() >= len(people))
    return people


def _done(people: list[Child]) -> int:
    return sum(psutil.Process(person.pid).status() == psutil.STATUS_ZOMBIE for person in people)


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int((cursor.fetchone() or (0,))[0])


@pytest.mark.parametrize("step", STEPS)
def test_what_people_save_while_the_worker_is_at_any_step_is_kept_and_heeded(
    world: World, outcomes: Outcomes, step: str
) -> None:
    with world.play(world.scene(follow_ups_are_due)) as play:
        sofia, now, ids = factories.user(), play.clock.standing(), {who: case_of(who).pk for who in CUSTOMERS}
        version = case_of(EDITED).version
        details = ResolutionDetails(status_reason=StatusReason.objects.get(key="problem_solved"), text="By phone.")
        at_work = at_the_step(step)
        with real_workers(play, hold=at_work):
            until(play, at_work.is_reached)
            people = people_at_work(
                play,
                lambda: edit_case(ids[EDITED], {"priority": "high"}, actor=sofia, now=now, version=version),
                lambda: steering.resolve(ids[RESOLVED], details, actor=sofia, now=now),
                lambda: steering.skip(ids[SKIPPED], actor=sofia, now=now),
                lambda: steering.stop(ids[STOPPED], actor=sofia, now=now),
                lambda: set_no_automation(ids[BARRED], True, actor=sofia, now=now),
                lambda: hold(ids[HELD], now + timedelta(days=7), "They are away.", actor=sofia, now=now),
            )
            at_work.let_go()
            for person in people:
                person.wait()
            until(play, lambda: at_rest(play))
        play.finish()

        got = {who: play.automatic_mails(who) for who in CUSTOMERS}
        assert (got[LOUD], got[EDITED], got[LEFT_ALONE]) == (0, 1, 1)
        if step in BEFORE_THE_CLAIM:
            assert [got[who] for who in (RESOLVED, SKIPPED, STOPPED, BARRED, HELD)] == [0, 0, 0, 0, 0]
        assert case_of(EDITED).priority == "high"
        assert case_of(RESOLVED).status == "resolved"
        outcomes.hold("People save the case while a worker is at any of 6 steps", play, follow_ups=2)


@pytest.mark.parametrize("step", STEPS)
def test_the_kill_switch_lets_at_most_the_mails_in_hand_over_go(world: World, outcomes: Outcomes, step: str) -> None:
    with world.play(world.scene(follow_ups_are_due)) as play:
        mira, now, before = play.manager, play.clock.standing(), len(play.sink.accepted)
        at_work = at_the_step(step)
        with real_workers(play, hold=at_work):
            until(play, at_work.is_reached)
            [person] = people_at_work(play, lambda: rules.stop_all_sending(True, actor=mira, now=now))
            claimed = Message.objects.filter(state__in=["sending", "sent"], origin="automatic").count()
            at_work.let_go()
            person.wait()
            until(play, lambda: at_rest(play))
        play.finish()
        if step in (*BEFORE_THE_CLAIM, "hands a mail over", "writes that mails went out"):
            assert len(play.sink.accepted) - before == claimed
        rules.stop_all_sending(False, actor=mira, now=play.now)
        play.read_and_work()
        play.close()
        outcomes.hold("All sending is stopped while a worker is at any of 6 steps", play, follow_ups=2)


@pytest.mark.parametrize("step", BEFORE_THE_CLAIM)
def test_a_rule_switched_off_meanwhile_sends_nothing(world: World, outcomes: Outcomes, step: str) -> None:
    with world.play(world.scene(follow_ups_are_due)) as play:
        mira, now, before, rule = play.manager, play.clock.standing(), len(play.sink.accepted), Rule.objects.get()
        at_work = at_the_step(step)
        with real_workers(play, hold=at_work):
            until(play, at_work.is_reached)
            [person] = people_at_work(play, lambda: rules.deactivate(rule.pk, actor=mira, now=now))
            at_work.let_go()
            person.wait()
            until(play, lambda: at_rest(play))
        assert len(play.sink.accepted) == before
        rules.activate(rule.pk, actor=mira, now=play.now, takes_silences_up_to_days=30)
        play.finish()
        outcomes.hold("A rule is switched off while a worker looks or claims", play, follow_ups=2)


@pytest.mark.parametrize("step", ["begins to claim", "hands a mail over"])
def test_answers_that_come_while_a_claim_goes_out_overtake_only_mails_in_hand_over(
    world: World, outcomes: Outcomes, step: str
) -> None:
    """P2: what is recorded before the last look stops the mail; later only those in hand-over are overtaken."""
    with world.play(world.scene(follow_ups_are_due)) as play:
        at_work = at_the_step(step)
        with real_workers(play, hold=at_work):
            until(play, at_work.is_reached)
            for who in (EDITED, LEFT_ALONE):
                play.customer_writes(NO, sender=who)
            until(play, lambda: Message.objects.filter(direction="in", from_address=LEFT_ALONE).exists())
            at_work.let_go()
            until(play, lambda: at_rest(play))
        play.finish()
        overtaken = int(step == "hands a mail over")
        assert [play.automatic_mails(who) for who in (EDITED, LEFT_ALONE, LOUD, HELD)] == [overtaken, overtaken, 0, 1]

        for hours in (72, 97, 98, 101):
            play.now = MONDAY_9 + timedelta(hours=hours)
            guard.heartbeat(play.now)
            play.settle()
        assert [case_of(who).status for who in (EDITED, LEFT_ALONE, LOUD)] == ["active"] * 3
        play.close()
        outcomes.hold("Answers come between claim and DATA", play, follow_ups=2)

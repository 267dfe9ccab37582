"""The verbs of rules: what they refuse, and which cases they bring back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from caseloop.accounts.models import Role
from caseloop.administration.models import FlowKey, GlobalSettings
from caseloop.cases.errors import NotAllowed
from caseloop.cases.models import CaseReview
from caseloop.domain.facts import ProtectionEffect
from caseloop.followups import rules, standing
from caseloop.followups.errors import FollowUpError, RuleError
from caseloop.followups.models import Enrolment, Rule, SuggestedAction
from tests import factories
from tests.followups.loop import (
    CONTOSO,
    TWO_DAYS,
    a_rule,
    again,
    look,
    look_after,
    manager,
    read_mailboxes,
    send,
    silent_case,
    silent_cases,
    with_follow_up,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def saved_as(rule: Rule, now: datetime, **plain: object) -> Rule:
    fields = rules.RuleFields(waits=rule.waits, conditions=CONTOSO, plain=plain)
    return rules.save_rule(fields, actor=manager(), now=now, rule=rule)


# full automation


def test_full_automation_needs_the_yes_of_two_people(monday: datetime) -> None:
    rule = a_rule("full", monday)
    rules.deactivate(rule.pk, actor=manager(), now=monday)
    GlobalSettings.objects.update(needs_second_yes=True)
    assert rules.activate(rule.pk, actor=manager(), now=monday).state == "inactive"
    assert rules.activate(rule.pk, actor=manager(), now=monday).state == "inactive", "the same person twice is one"
    jonas = factories.user("jonas", Role.ADMINISTRATOR)
    assert rules.activate(rule.pk, actor=jonas, now=monday).state == "active"


def test_a_yes_is_to_what_the_rule_said_then(monday: datetime) -> None:
    rule = a_rule("full", monday)
    rules.deactivate(rule.pk, actor=manager(), now=monday)
    GlobalSettings.objects.update(needs_second_yes=True)
    rules.activate(rule.pk, actor=manager(), now=monday)
    saved_as(again(rule), monday, follow_ups=3, name="Something else")
    jonas = factories.user("jonas", Role.ADMINISTRATOR)
    assert rules.activate(rule.pk, actor=jonas, now=monday).state == "inactive"


def test_an_active_rule_does_not_become_fully_automatic_by_being_saved(monday: datetime) -> None:
    """Else the second administrator's yes could be gone around."""
    rule = a_rule("confirm", monday)
    with pytest.raises(RuleError, match="Deactivate"):
        saved_as(rule, monday, level="full")
    assert again(rule).level == "confirm"


def test_lowering_an_active_rule_reaches_a_follow_up_that_is_about_to_go(monday: datetime) -> None:
    """Spec 2.7: lowering holds at once."""
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    saved_as(Rule.objects.get(), wednesday, level="confirm")
    assert send(wednesday + SECOND).dropped == 1
    look_after(case, wednesday + SECOND)
    assert SuggestedAction.objects.get(case=case, state="proposed").kind == "send_follow_up"
    assert again(action).state == "superseded"


# off and on


def test_deactivating_ends_the_series_or_lets_them_finish(monday: datetime) -> None:
    rule = a_rule("full", monday - HOUR)
    silent_cases(2, monday)
    look(monday)
    rules.deactivate(rule.pk, actor=manager(), now=monday + HOUR, series_may_finish=True)
    look(monday + HOUR)
    assert Enrolment.objects.filter(state="running").count() == 2
    read_mailboxes(monday + TWO_DAYS)
    look(monday + TWO_DAYS)
    assert SuggestedAction.objects.filter(state="approved").count() == 2
    assert send(monday + TWO_DAYS + SECOND).sent == 2

    rules.activate(rule.pk, actor=manager(), now=monday + 3 * timedelta(days=1))
    rules.deactivate(rule.pk, actor=manager(), now=monday + 3 * timedelta(days=1))
    look(monday + 3 * timedelta(days=1))
    assert list(Enrolment.objects.values_list("end_reason", flat=True)) == ["rule_off", "rule_off"]


def test_silences_that_began_before_the_rule_are_left_alone(monday: datetime) -> None:
    silent_cases(3, monday - timedelta(days=5))
    a_rule("full", monday)
    read_mailboxes(monday)
    look(monday)
    assert not Enrolment.objects.exists()


def test_a_flow_that_is_switched_off_holds_its_acts_until_it_is_on_again(monday: datetime) -> None:
    case = silent_case("full", monday)
    rules.switch_flow(FlowKey.FOLLOW_UP, False, actor=manager(), now=monday)
    look_after(case, monday + TWO_DAYS)
    assert not SuggestedAction.objects.exists()
    rules.switch_flow(FlowKey.FOLLOW_UP, True, actor=manager(), now=monday + TWO_DAYS + SECOND)
    look(monday + TWO_DAYS + SECOND)
    assert SuggestedAction.objects.get(case=case).state == "approved"


def test_a_rule_written_past_the_checks_is_broken_alone(monday: datetime) -> None:
    bad = a_rule("full", monday - HOUR)
    good = a_rule("confirm", monday - HOUR)
    Rule.objects.filter(pk=bad.pk).update(waits=["soon"])
    [case] = silent_cases(1, monday)
    look(monday)
    assert (again(bad).state, again(good).state) == ("broken", "active")
    assert "soon" in again(bad).broken_reason
    assert Enrolment.objects.get(case=case).rule == good


def test_a_representative_changes_no_rules_and_no_switches(monday: datetime) -> None:
    rule = a_rule("full", monday)
    with pytest.raises(NotAllowed):
        rules.deactivate(rule.pk, actor=factories.user(), now=monday)
    with pytest.raises(NotAllowed):
        rules.stop_all_sending(True, actor=factories.user(), now=monday)
    assert GlobalSettings.current().stopped_at is None


# protections and pauses


def test_a_protection_holds_at_once_for_a_running_series(monday: datetime) -> None:
    """Spec 2.14: also for a mail that is approved already; without it the case begins again."""
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    new = standing.NewProtection(name="Löwenherz", effect=ProtectionEffect.NEVER, contact=case.contact)
    protection = standing.protect(new, actor=manager(), now=wednesday)
    assert send(wednesday + SECOND).dropped == 1
    look(wednesday + SECOND)
    assert (again(action).state, Enrolment.objects.get().end_reason) == ("superseded", "protected")

    standing.unprotect(protection.pk, actor=manager(), now=wednesday + HOUR)
    look(wednesday + HOUR)
    assert Enrolment.objects.get(case=case, state="running")


def test_a_protection_that_asks_for_confirmation_turns_an_automatic_follow_up_into_a_draft(monday: datetime) -> None:
    case, _ = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    new = standing.NewProtection(name="Key account", effect=ProtectionEffect.AT_MOST_CONFIRM, case=case)
    standing.protect(new, actor=manager(), now=wednesday)
    assert send(wednesday + SECOND).dropped == 1
    look_after(case, wednesday + SECOND)
    assert SuggestedAction.objects.get(case=case, state="proposed").message is not None


def test_the_time_of_a_pause_is_no_waiting_and_its_end_brings_the_case_back(monday: datetime) -> None:
    case = silent_case("full", monday)
    tuesday = monday + timedelta(days=1)
    thursday, friday = monday + timedelta(days=3), monday + timedelta(days=4)
    standing.pause(actor=manager(), now=tuesday, until=thursday, reason="Inventory")
    look(tuesday)
    assert CaseReview.objects.get(case=case).review_at == thursday
    look(thursday)
    assert CaseReview.objects.get(case=case).review_at == friday, "24 hours were left"


def test_a_pause_without_an_end_is_ended_by_hand(monday: datetime) -> None:
    case = silent_case("full", monday)
    pause = standing.pause(actor=manager(), now=monday + HOUR)
    look(monday + HOUR)
    assert CaseReview.objects.get(case=case).review_at is None
    standing.end_pause(pause.pk, actor=manager(), now=monday + 3 * HOUR)
    look(monday + 3 * HOUR)
    assert CaseReview.objects.get(case=case).review_at == monday + 50 * HOUR
    with pytest.raises(FollowUpError):
        standing.end_pause(pause.pk, actor=manager(), now=monday + 4 * HOUR)

"""The blast guard: the ramp, the daily bound, and what a stop does (spec 2.11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case, CaseReview
from caseloop.followups import guard, rules
from caseloop.followups.models import Enrolment, GuardDay, Rule, RuleRamp, SuggestedAction
from caseloop.mail.models import Mailbox, Message
from tests import factories
from tests.followups.loop import TWO_DAYS, a_rule, look, manager, read_mailboxes, send, silent_cases

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def acts() -> int:
    return SuggestedAction.objects.filter(state__in=["approved", "done"]).count()


def due_at_once(number: int, monday: datetime, **rule: object) -> tuple[Rule, datetime]:
    """So many cases of a rule under full automation, all due in the same minute, the ramp just begun again."""
    made = a_rule("full", monday - timedelta(days=1), **rule)
    silent_cases(number, monday)
    look(monday)
    wednesday = monday + TWO_DAYS
    RuleRamp.objects.update(began_at=wednesday, last_seen_at=wednesday)
    read_mailboxes(wednesday)
    return made, wednesday


def test_in_its_first_hour_a_rule_acts_twenty_times_even_if_a_whole_batch_is_due(monday: datetime) -> None:
    GlobalSettings.current()
    GlobalSettings.objects.update(guard_share_percent=100)
    _, wednesday = due_at_once(30, monday)
    look(wednesday)
    assert acts() == 20
    assert SuggestedAction.objects.filter(case__title__endswith=" 0").exists(), "the longest silence first"
    assert not SuggestedAction.objects.filter(case__title__endswith=" 29").exists()
    assert CaseReview.objects.filter(review_at=wednesday + HOUR).count() == 10

    read_mailboxes(wednesday + HOUR + SECOND)
    look(wednesday + HOUR + SECOND)
    assert acts() == 30, "it doubles every hour"


def test_what_was_admitted_is_sent_though_the_day_is_full_now(monday: datetime) -> None:
    """10 % of 30 cases is less than 20, so the day is bound at 20: these twenty go, and no more."""
    rule, wednesday = due_at_once(30, monday)
    look(wednesday)
    assert acts() == 20
    sent = sum(send(wednesday + number * SECOND).sent for number in range(1, 6))
    assert sent == 20
    assert GuardDay.objects.get(rule=rule).reason == "more than 10 % of the active cases in a day"


def test_over_its_bound_a_rule_waits_for_a_managers_yes_and_goes_on_at_once(monday: datetime) -> None:
    rule, wednesday = due_at_once(30, monday)
    RuleRamp.objects.update(began_at=wednesday - 5 * HOUR)
    look(wednesday)
    assert acts() == 20
    guard.allow_today(rule, manager(), wednesday + SECOND)
    look(wednesday + SECOND)
    assert acts() == 30


def test_without_a_yes_the_cases_come_back_the_next_day(monday: datetime) -> None:
    """P5: a bound holds for its day; nobody can say yes to yesterday."""
    _, wednesday = due_at_once(30, monday)
    RuleRamp.objects.update(began_at=wednesday - 5 * HOUR)
    look(wednesday)
    thursday = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    assert CaseReview.objects.filter(review_at=thursday).count() == 10


def test_a_daily_cap_holds_within_one_batch(monday: datetime) -> None:
    _, wednesday = due_at_once(10, monday, daily_cap=4)
    look(wednesday)
    assert acts() == 4
    assert CaseReview.objects.filter(review_at=datetime(2026, 11, 26, 0, 0, tzinfo=UTC)).count() == 6


def test_old_silences_taken_at_activation_are_admitted_slowly_the_longest_first(monday: datetime) -> None:
    GlobalSettings.current()
    GlobalSettings.objects.update(is_on=True, guard_share_percent=100)
    silent_cases(30, monday - timedelta(days=10))
    a_rule("full", monday, takes_silences_up_to_days=30)
    read_mailboxes(monday)
    look(monday)
    assert Enrolment.objects.count() == 20
    assert not Enrolment.objects.filter(case__title__endswith=" 25").exists()
    assert acts() <= 20


def test_a_mail_that_was_dropped_before_it_was_sent_is_no_act(monday: datetime) -> None:
    rule, wednesday = due_at_once(3, monday)
    look(wednesday)
    before = guard.left_for({rule.pk: 1}, GlobalSettings.current(), wednesday)[rule.pk].by_ramp
    SuggestedAction.objects.update(state="superseded")
    after = guard.left_for({rule.pk: 1}, GlobalSettings.current(), wednesday)[rule.pk].by_ramp
    assert (before, after) == (17, 20)


def test_a_usual_day_bounds_a_rule_that_has_had_five_of_them(monday: datetime) -> None:
    """3 × the median: ten acts a day for a week make a bound of thirty."""
    GlobalSettings.current()
    GlobalSettings.objects.update(guard_share_percent=100)
    rule, wednesday = due_at_once(32, monday)
    RuleRamp.objects.update(began_at=wednesday - 5 * HOUR)
    series = Enrolment.objects.first()
    agent = type(manager()).objects.application_user()
    for day in range(5, 11):
        for _ in range(10):
            SuggestedAction.objects.create(
                case=series.case,  # type: ignore[union-attr]
                enrolment=series,
                kind="send_follow_up",
                state="done",
                created_at=wednesday - timedelta(days=day),
                decided_by=agent,
                reason="silent",
            )
    look(wednesday)
    today = SuggestedAction.objects.filter(state="approved").count()
    assert today == 30
    assert GuardDay.objects.get(rule=rule).reason == "more than 3 times its usual day"


def test_the_page_of_a_case_writes_nothing_into_the_managers_list(monday: datetime) -> None:
    from caseloop.followups.plan import plan_of

    _, wednesday = due_at_once(30, monday)
    look(wednesday)
    GuardDay.objects.all().delete()
    plan_of(Case.objects.get(title__endswith=" 29"), wednesday)
    assert not GuardDay.objects.exists()


# stops


def test_after_a_stop_of_more_than_four_hours_the_ramp_begins_again(monday: datetime) -> None:
    rule = a_rule("full", monday)
    guard.heartbeat(monday)
    assert guard.heartbeat(monday + 4 * HOUR) == 0
    assert guard.heartbeat(monday + 8 * HOUR + SECOND) == 1
    ramp = RuleRamp.objects.get(rule=rule)
    assert ramp.began_at == monday + 8 * HOUR + SECOND
    assert ramp.no_resolving_before == datetime(2026, 11, 25, 8, 0, tzinfo=UTC), "not on Tuesday, one working day"


def test_switching_on_after_days_of_being_off_is_a_stop_before_the_first_look(monday: datetime) -> None:
    rule = a_rule("full", monday)
    rules.switch(False, actor=manager(), now=monday + HOUR)
    friday = monday + timedelta(days=4)
    rules.switch(True, actor=manager(), now=friday)
    assert RuleRamp.objects.get(rule=rule).began_at == friday
    assert RuleRamp.objects.get(rule=rule).no_resolving_before is not None


def test_lifting_the_kill_switch_after_a_day_is_a_stop_too(monday: datetime) -> None:
    rule = a_rule("full", monday)
    rules.stop_all_sending(True, actor=manager(), now=monday + HOUR)
    tuesday = monday + timedelta(days=1)
    rules.stop_all_sending(False, actor=manager(), now=tuesday)
    assert RuleRamp.objects.get(rule=rule).began_at == tuesday


def test_an_active_rule_without_a_ramp_gets_one(monday: datetime) -> None:
    rule = a_rule("full", monday)
    RuleRamp.objects.all().delete()
    guard.heartbeat(monday + HOUR)
    assert RuleRamp.objects.get(rule=rule).began_at == monday + HOUR


def test_a_rule_that_is_off_but_may_finish_its_series_stays_under_the_guard(monday: datetime) -> None:
    rule, wednesday = due_at_once(30, monday)
    rules.deactivate(rule.pk, actor=manager(), now=wednesday, series_may_finish=True)
    guard.heartbeat(wednesday)
    look(wednesday)
    assert acts() == 20


@pytest.mark.parametrize("trouble", ["bounces", "mailbox"])
def test_a_ramp_stands_still_while_mails_come_back_or_the_mailbox_is_in_trouble(trouble: str, monday: datetime) -> None:
    GlobalSettings.current()
    GlobalSettings.objects.update(guard_share_percent=100)
    rule, wednesday = due_at_once(20, monday)
    look(wednesday)
    if trouble == "bounces":
        some = Message.objects.filter(origin="automatic").values("pk")[:2]
        Message.objects.filter(pk__in=list(some.values_list("pk", flat=True))).update(bounce="permanent")
    else:
        Mailbox.objects.update(sending_error="421 slow down")
    guard.heartbeat(wednesday + timedelta(minutes=50))
    guard.heartbeat(wednesday + timedelta(minutes=100))
    assert RuleRamp.objects.get(rule=rule).began_at == wednesday + timedelta(minutes=100)


def test_the_guard_asks_as_many_queries_for_ten_rules_as_for_one(monday: datetime) -> None:
    a_rule("full", monday)
    settings = GlobalSettings.current()
    with CaptureQueriesContext(connection) as one:
        guard.guards(list(Rule.objects.all()), settings, monday)
    for number in range(9):
        a_rule("full", monday, name=f"Rule {number}")
    with CaptureQueriesContext(connection) as ten:
        guard.guards(list(Rule.objects.all()), settings, monday)
    assert len(ten) == len(one) <= 5


def test_rules_that_never_act_by_themselves_cost_nothing(monday: datetime) -> None:
    a_rule("confirm", monday)
    active, settings = list(Rule.objects.all()), GlobalSettings.current()
    with CaptureQueriesContext(connection) as queries:
        guard.guards(active, settings, monday)
    assert len(queries) == 0
    assert factories.user().may_work

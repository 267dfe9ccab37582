"""What was decided becomes rows: nothing is forgotten, nothing is done twice, and nothing more than there is room for."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseloop.administration.models import GlobalSettings
from caseloop.cases.changes import edit_case, hold
from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case, CaseReview
from caseloop.cases.models.activity import ActivityKind, Direction
from caseloop.cases.resolving import ResolutionDetails, reopen_case, resolve_case
from caseloop.followups import rules
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.mail.models import Mailbox, Message
from tests import factories
from tests.followups.loop import (
    TWO_DAYS,
    a_rule,
    again,
    customer_wrote,
    look,
    look_after,
    manager,
    read_mailboxes,
    send,
    silent_case,
    silent_cases,
    we_wrote,
    with_draft,
    with_follow_up,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_an_edit_while_the_follow_up_is_about_to_go_does_not_lose_it(monday: datetime) -> None:
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    edit_case(case.pk, {"priority": "high"}, actor=factories.user(), now=wednesday, version=again(case).version)
    look(wednesday)
    assert (again(action).state, again(action.message).state) == ("approved", "approved")
    assert send(wednesday + SECOND).sent == 1
    assert again(action).state == "done"


def test_a_hold_takes_the_draft_away_and_the_case_comes_back_when_it_ends(monday: datetime) -> None:
    case, action = with_draft(monday)
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    hold(case.pk, friday, "trade fair", actor=factories.user(), now=monday + TWO_DAYS)
    look(monday + TWO_DAYS)
    assert (again(action).state, again(action.message).state) == ("superseded", "discarded")
    assert CaseReview.objects.get(case=case).review_at == friday


def test_what_waits_for_something_elsewhere_is_looked_at_again_by_itself(monday: datetime) -> None:
    case = silent_case("full", monday)
    Mailbox.objects.update(is_on=False)
    wednesday = monday + TWO_DAYS
    look(wednesday)
    review = CaseReview.objects.get(case=case)
    assert review.review_at is not None, "nobody marks the case when a mailbox is switched on"
    assert wednesday < review.review_at <= wednesday + timedelta(hours=1)


def test_the_other_case_of_an_upset_customer_goes_on_after_somebody_has_replied(monday: datetime) -> None:
    case = silent_case("full", monday)
    other = factories.case("Something else", now=monday, status_reason="in_progress")
    customer_wrote(other, monday + timedelta(hours=1), label="negative")
    wednesday = monday + TWO_DAYS
    look_after(case, wednesday)
    assert not SuggestedAction.objects.filter(case=case).exists()

    we_wrote(other, wednesday + timedelta(minutes=5))
    later = wednesday + timedelta(hours=2, minutes=10)
    read_mailboxes(later)
    look(later)
    assert SuggestedAction.objects.get(case=case).kind == "send_follow_up"


def test_a_series_that_ends_with_its_rule_passes_at_once_to_a_series_of_the_next_rule(monday: datetime) -> None:
    case = silent_case("full", monday)
    a_rule("confirm", monday, name="Second")
    look(monday)
    rules.deactivate(Enrolment.objects.get(case=case).rule_id, actor=manager(), now=monday + SECOND)
    look(monday + SECOND)
    assert Enrolment.objects.get(case=case, state="running").rule.name == "Second"
    assert CaseReview.objects.get(case=case).review_at == monday + timedelta(hours=48)


def test_a_needs_attention_goes_when_what_blocked_the_series_is_mended(monday: datetime) -> None:
    case = silent_case("full", monday)
    mail = Message.objects.get(case=case)
    Message.objects.filter(pk=mail.pk).update(state="unconfirmed")
    look_after(case, monday + SECOND)
    assert SuggestedAction.objects.get(case=case).reason == "unconfirmed"
    Message.objects.filter(pk=mail.pk).update(state="sent")
    look_after(case, monday + 2 * SECOND)
    assert SuggestedAction.objects.get(case=case).state == "superseded"


IS_FORESEEN = pytest.mark.parametrize("is_foreseen", [True, False])
"""A closing that the last look foresaw is looked at once, under its lock; any other one twice."""


@IS_FORESEEN
def test_a_switch_thrown_while_the_batch_was_decided_keeps_the_case_open(monday: datetime, is_foreseen: bool) -> None:
    """P3: what was decided before the locks were taken is decided again under them, with all settings read anew."""
    case = silent_case("full", monday, follow_ups=1)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    assert CaseReview.objects.filter(case=case, closes_next=True).update(closes_next=is_foreseen) == 1
    looks_at = 2 if is_foreseen else 3
    asked = 0

    def clock() -> datetime:
        nonlocal asked
        asked += 1
        if asked == looks_at:  # the locks are taken
            GlobalSettings.objects.update(stopped_at=wednesday)
        return wednesday

    review_due(clock, Helpers.builtin())
    assert asked >= looks_at
    assert again(case).status == "active"


@IS_FORESEEN
def test_proof_that_has_become_old_by_the_time_of_the_act_is_none(monday: datetime, is_foreseen: bool) -> None:
    """P2: at most 60 s lie between the reading and the closing, however slow the batch was."""
    case = silent_case("full", monday, follow_ups=1)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    assert CaseReview.objects.filter(case=case, closes_next=True).update(closes_next=is_foreseen) == 1
    before_the_locks = [wednesday] if is_foreseen else [wednesday, wednesday]
    times = itertools.chain(before_the_locks, itertools.repeat(wednesday + timedelta(seconds=61)))
    review_due(lambda: next(times), Helpers.builtin())
    assert again(case).status == "active"


def test_a_foreseen_closing_takes_one_look_and_waits_for_nobody_who_writes_to_the_case(monday: datetime) -> None:
    """An answer that is filed between claim and look is seen, for the look is under the lock."""
    case = silent_case("full", monday, follow_ups=1)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    asked = 0

    def clock() -> datetime:
        nonlocal asked
        asked += 1
        if asked == 2:
            customer_wrote(case, wednesday)
        return wednesday

    review_due(clock, Helpers.builtin())
    assert again(case).status == "active"


def test_without_words_for_the_notice_a_person_is_asked_instead_of_closing_in_silence(monday: datetime) -> None:
    case = silent_case("full", monday, follow_ups=1, sends_closing_notice=True)
    Message.objects.filter(case=case).update(to_addresses=["support@contoso.example"])  # nobody is left to be told
    look_after(case, monday + TWO_DAYS)
    assert again(case).status == "active"
    action = SuggestedAction.objects.get(case=case)
    assert (action.kind, action.reason) == ("needs_attention", "blocked")


def test_a_late_answer_is_not_lost_behind_a_card_that_is_still_open(monday: datetime) -> None:
    """An untrusted late answer has made a card; then a trusted one reopens the case."""
    case = factories.case(now=monday)
    we_wrote(case, monday)
    from caseloop.cases.models import StatusReason

    solved = ResolutionDetails(status_reason=StatusReason.objects.get(key="problem_solved"))
    resolve_case(case.pk, solved, actor=factories.user(), now=monday + SECOND)
    GlobalSettings.current()
    GlobalSettings.objects.update(is_on=True)
    customer_wrote(case, monday + timedelta(hours=1), label="question", is_trusted=False)
    look(monday + timedelta(hours=1))
    assert SuggestedAction.objects.get(case=case, state="proposed").reason == "untrusted_answer"

    answer = customer_wrote(case, monday + timedelta(hours=2), label="negative")
    look(monday + timedelta(hours=2))
    assert again(case).status == "active"
    card = SuggestedAction.objects.get(case=case, state="proposed")
    assert (card.kind, card.answered_message) == ("reply_to_customer", answer)


def test_a_call_after_the_reopen_window_opens_one_linked_case_however_often_the_old_one_is_looked_at(
    monday: datetime,
) -> None:
    from caseloop.cases.models import StatusReason

    case = factories.case(now=monday)
    we_wrote(case, monday)
    solved = ResolutionDetails(status_reason=StatusReason.objects.get(key="problem_solved"))
    resolve_case(case.pk, solved, actor=factories.user(), now=monday + SECOND)
    later = monday + timedelta(days=20)
    Activity.objects.create(
        case=case, kind=ActivityKind.PHONE_CALL, direction=Direction.IN, subject="Call", occurred_at=later
    )
    customer_wrote(case, later + SECOND, label="question")
    customer_wrote(case, later + 2 * SECOND, label="question")
    for turn in range(3):
        mark([case.pk], later + timedelta(minutes=turn))
        look(later + timedelta(minutes=turn))
    linked = Case.objects.get(follows=case)
    assert Message.objects.filter(case=linked, direction="in").count() == 2
    assert Activity.objects.filter(case=linked, kind=ActivityKind.PHONE_CALL).exists()


def test_a_mail_that_a_person_sent_off_goes_out_though_the_plan_changes(monday: datetime) -> None:
    """P4: nobody's mail is thrown away in silence."""
    from caseloop.followups.approvals import approve, continue_follow_ups

    case = silent_case("confirm", monday)
    customer_wrote(case, monday + timedelta(hours=1), label="question")
    look(monday + timedelta(hours=1))
    card = SuggestedAction.objects.get(case=case, kind="reply_to_customer")
    approve(card.pk, actor=factories.user(), now=monday + timedelta(hours=2), undo_for=timedelta(seconds=10))
    continue_follow_ups(case.pk, actor=factories.user(), now=monday + timedelta(hours=2, seconds=2))
    look(monday + timedelta(hours=2, seconds=3))
    assert again(card.message).state == "approved"
    assert send(monday + timedelta(hours=2, seconds=11)).sent == 1
    assert again(card).state == "done"


def test_at_most_fifteen_suggestions_reach_an_owner_in_a_day_even_in_one_batch(monday: datetime) -> None:
    """Spec 3.5."""
    a_rule("confirm", monday - timedelta(days=1))
    silent_cases(18, monday)
    look(monday)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    look(wednesday)
    assert SuggestedAction.objects.count() == 15
    tomorrow = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    assert CaseReview.objects.filter(review_at=tomorrow).count() == 3
    assert not SuggestedAction.objects.filter(case__title__endswith="grinder 17").exists(), "longest silence first"


def _queries_of_a_review(number: int, level: str, monday: datetime) -> int:
    a_rule(level, monday - timedelta(days=1))
    silent_cases(number, monday)
    look(monday)
    GlobalSettings.objects.update(guard_first_hour=1000, guard_per_day=1000, suggestions_per_day=1000)
    GlobalSettings.objects.update(guard_share_percent=100)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert review_due(lambda: wednesday, Helpers.builtin()) == number
    assert SuggestedAction.objects.count() == number
    return len(queries)


@pytest.mark.parametrize("level", ["confirm", "full"])
def test_the_number_of_queries_of_a_review_does_not_grow_with_the_number_of_cases(level: str, monday: datetime) -> None:
    from django.db import transaction

    with transaction.atomic():
        few = _queries_of_a_review(3, level, monday)
        transaction.set_rollback(True)
    assert _queries_of_a_review(120, level, monday) <= few + 2


def test_answers_of_many_cases_are_asked_about_in_as_many_queries_as_those_of_a_few(monday: datetime) -> None:
    def queries(number: int) -> int:
        a_rule("confirm", monday - timedelta(days=1))
        cases = silent_cases(number, monday)
        look(monday)
        for case in cases:
            customer_wrote(case, monday + timedelta(hours=1), label="question")
        with CaptureQueriesContext(connection) as seen:
            assert review_due(lambda: monday + timedelta(hours=1), Helpers.builtin()) == number
        assert SuggestedAction.objects.filter(kind="reply_to_customer").count() == number
        return len(seen)

    from django.db import transaction

    with transaction.atomic():
        few = queries(3)
        transaction.set_rollback(True)
    assert queries(60) <= few + 2


def test_a_reopened_case_is_planned_anew(monday: datetime) -> None:
    case, action = with_draft(monday)
    from caseloop.cases.models import StatusReason
    from caseloop.followups.approvals import resolve

    solved = ResolutionDetails(status_reason=StatusReason.objects.get(key="problem_solved"))
    resolve(case.pk, solved, actor=factories.user(), now=monday + TWO_DAYS)
    assert again(action).state == "superseded"
    reopen_case(case.pk, "by mistake", actor=factories.user(), now=monday + TWO_DAYS)
    look(monday + TWO_DAYS)
    assert not Enrolment.objects.filter(case=case, state="running").exists()


@pytest.mark.parametrize("lost", ["refused", "unconfirmed"])
def test_a_persons_mail_that_did_not_go_is_shown_on_its_case_whatever_the_case_waits_for(
    lost: str, monday: datetime
) -> None:
    case = factories.case(now=monday, status_reason="in_progress")
    we_wrote(case, monday, state=lost, sent_at=None)
    look(monday)
    card = SuggestedAction.objects.get(case=case, state="proposed")
    assert (card.kind, card.reason) == ("needs_attention", lost)
    look_after(case, monday + timedelta(minutes=1))
    assert again(card).state == "proposed"


def test_a_mail_in_doubt_that_is_found_sent_needs_no_attention_any_more(monday: datetime) -> None:
    case = factories.case(now=monday, status_reason="in_progress")
    mail = we_wrote(case, monday, state="unconfirmed", sent_at=None)
    look(monday)
    Message.objects.filter(pk=mail.pk).update(state="sent", sent_at=monday)
    look_after(case, monday + timedelta(minutes=1))
    assert SuggestedAction.objects.get(case=case).state == "superseded"

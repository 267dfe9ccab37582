"""Does a series start, and what does a late answer do to a resolved case? (spec 2.3, 2.5, 2.13, 3.1, 3.10)"""

from dataclasses import replace

import pytest

from caseloop.domain.actions import (
    AskPerson,
    OpenLinkedCase,
    ReadReply,
    Reason,
    Reopen,
    Start,
    SuggestionKind,
    Wait,
)
from caseloop.domain.facts import EndedSeries, Guard, Label, ProtectionEffect, Suggestion, Switches, Verdict
from caseloop.domain.lifecycle import CaseStatus, MessageState, SuggestionState
from tests.domain.builders import (
    IN_PROGRESS,
    a_case,
    a_rule,
    answer,
    at,
    by_agent,
    by_person,
    call_of_customer,
    decided,
    said,
)

FIRST = by_person("Mon 2026-11-23 10:00")
NOON = "Mon 2026-11-23 12:00"


def test_a_person_wrote_and_set_the_case_on_hold():
    assert decided(a_case(FIRST), NOON) == Start(reason=Reason.STARTED)


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"status": CaseStatus.CANCELLED}, "Wait: not_active"),
        ({"protection": ProtectionEffect.NEVER}, "Wait: protected"),
        ({"protection": ProtectionEffect.AT_MOST_CONFIRM}, "Start: started"),
        ({"no_automation": True}, "Wait: no_automation"),
        ({"rule_now": None}, "Wait: no_rule"),
        ({"status_reason_id": IN_PROGRESS}, "Wait: not_triggered"),
        ({"mails": ()}, "Wait: no_mail_of_ours"),
        ({"mails": (by_agent("Mon 2026-11-23 10:00"),)}, "Wait: no_mail_of_ours"),
        ({"answers": (answer("Mon 2026-11-23 11:00", Label.QUESTION),)}, "Wait: next_move_ours"),
        ({"answers": (answer("Mon 2026-11-23 11:00", Label.DEFERRAL, is_trusted=False),)}, "Wait: next_move_ours"),
        ({"answers": (answer("Mon 2026-11-23 11:00", Label.FAVORABLE),)}, "Wait: favorable"),
        ({"answers": (answer("Mon 2026-11-23 11:00", Label.FAVORABLE, is_trusted=False),)}, "Wait: next_move_ours"),
        ({"answers": (call_of_customer("Mon 2026-11-23 11:00"),)}, "Wait: next_move_ours"),
        ({"ended_by_person_at": at("Mon 2026-11-23 11:00")}, "Wait: ended_by_person"),
        ({"ended_by_person_at": at("Mon 2026-11-23 09:00")}, "Start: started"),
        ({"switches": Switches(is_on=False)}, "Wait: switched_off"),
        ({"switches": Switches(is_stopped=True)}, "Wait: stopped"),
        ({"guard": Guard(needs_yes=True)}, "Wait: guard"),
        ({"mails": (by_person("Mon 2026-11-23 10:00", state=MessageState.APPROVED),)}, "Wait: sending"),
        ({"hold_until": at("Mon 2026-11-30 10:00")}, "Start: started"),
    ],
)
def test_the_first_reason_is_shown(change, expected):
    assert said(decided(replace(a_case(FIRST), **change), NOON)) == expected


def test_a_series_begins_only_when_the_persons_mail_has_been_sent_else_it_would_count_twice():
    earlier = by_person("Mon 2026-11-16 10:00")
    waiting = by_person("Mon 2026-11-23 10:00", state=MessageState.APPROVED)

    assert said(decided(a_case(earlier, waiting), NOON)) == "Wait: sending"


def test_by_context_whatever_the_status_reason_when_the_next_move_is_the_customers():
    rule = a_rule(trigger_context=True, trigger_status_reason_id=None)
    case = a_case(FIRST, rule=rule, status_reason_id=IN_PROGRESS)

    assert said(decided(replace(case, is_context_with_customer=True), NOON)) == "Start: started"
    assert said(decided(replace(case, is_context_with_customer=False), NOON)) == "Wait: not_triggered"
    assert said(decided(case, NOON)) == "Wait: not_triggered"


def test_a_rule_could_match_when_the_case_is_a_week_old():
    case = a_case(FIRST, rule_now=None, rule_could_match_at=at("Mon 2026-11-30 10:00"))

    action = decided(case, NOON)

    assert isinstance(action, Wait)
    assert action.until == at("Mon 2026-11-30 10:00")


def test_when_that_moment_has_passed_it_is_asked_again_soon_not_at_once():
    case = a_case(FIRST, rule_now=None, rule_could_match_at=at("Mon 2026-11-23 12:00"))

    action = decided(case, NOON)

    assert isinstance(action, Wait)
    assert action.until is not None
    assert action.until > at(NOON).replace(second=30)


def test_you_promised_to_get_back_is_said_once():
    promise = by_person("Mon 2026-11-23 10:00", promises="I'll call you tomorrow")
    card = Suggestion(kind=SuggestionKind.NEEDS_ATTENTION, state=SuggestionState.PROPOSED, reason=Reason.PROMISED.value)

    action = decided(a_case(promise), NOON)

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (Reason.PROMISED, False)
    assert said(decided(a_case(promise, suggestion=card), NOON)) == "Wait: promised"


@pytest.mark.parametrize("state, reason", [("refused", Reason.REFUSED), ("unconfirmed", Reason.UNCONFIRMED)])
def test_a_persons_mail_that_did_not_go_is_told_though_no_rule_takes_the_case(state, reason):
    lost = by_person("Mon 2026-11-23 10:00", state=MessageState(state))
    card = Suggestion(kind=SuggestionKind.NEEDS_ATTENTION, state=SuggestionState.PROPOSED, reason=reason.value)
    case = a_case(lost, status_reason_id=IN_PROGRESS)

    action = decided(case, NOON)

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (reason, False)
    assert said(decided(replace(case, suggestion=card), NOON)) == f"Wait: {reason.value}"
    written_again = a_case(lost, by_person("Mon 2026-11-23 11:00"), status_reason_id=IN_PROGRESS)
    assert said(decided(written_again, NOON)) == "Wait: not_triggered"


@pytest.mark.parametrize(
    "takes, age, expected",
    [
        (None, "Sun 2026-11-22 10:00", "Wait: old_silence"),
        (30, "Sat 2026-10-24 10:00", "Start: started"),
        (30, "Fri 2026-10-23 10:00", "Wait: old_silence"),
    ],
)
def test_silences_that_began_before_the_rule_was_active_are_left_or_taken_by_age(takes, age, expected):
    case = a_case(by_person(age), activated_at=at("Mon 2026-11-23 10:00"))
    rule = replace(case.rule_now, takes_silences_up_to_days=takes)

    action = decided(replace(case, rule_now=rule), NOON)

    assert said(action) == expected
    if isinstance(action, Start):
        assert action.is_old_silence


@pytest.mark.parametrize("again_at", [at("Mon 2026-11-23 13:00"), None])
def test_old_silences_are_admitted_by_the_ramp_and_always_get_a_date(again_at):
    case = a_case(by_person("Fri 2026-11-20 10:00"), activated_at=at("Mon 2026-11-23 10:00"))
    rule = replace(case.rule_now, takes_silences_up_to_days=30)
    guard = Guard(admits=False, admits_again_at=again_at)

    action = decided(replace(case, rule_now=rule, guard=guard), NOON)

    assert isinstance(action, Wait)
    assert action.reason is Reason.RAMP
    assert action.until is not None


def test_a_series_of_another_version_does_not_begin_again_behind_the_persons_back():
    over = EndedSeries(
        started_at=at("Mon 2026-11-23 10:01"), ended_at=at("Mon 2026-11-23 11:00"), end_reason="unknown_schema"
    )

    assert said(decided(a_case(FIRST, ended_series=(over,)), NOON)) == "Wait: unknown_schema"
    later = by_person("Mon 2026-11-23 11:30")
    assert said(decided(a_case(FIRST, later, ended_series=(over,)), NOON)) == "Start: started"


def resolved(*words, **more):
    return a_case(
        FIRST, *words, status=CaseStatus.RESOLVED, resolved_at=at("Mon 2026-11-30 10:00"), rule_now=None, **more
    )


def test_a_late_answer_is_read_first():
    late = answer("Tue 2026-12-01 10:00")

    assert decided(resolved(late), "Tue 2026-12-01 10:00") == ReadReply(
        message_id=late.message_id or 0, reason=Reason.LATE_ANSWER
    )


@pytest.mark.parametrize("label", [Label.NEGATIVE, Label.QUESTION, Label.INFORMATION, Label.DEFERRAL, Label.UNCLEAR])
def test_within_fourteen_days_it_reopens_the_case(label):
    late = answer("Mon 2026-12-14 10:00", label)

    assert decided(resolved(late), "Mon 2026-12-14 10:00") == Reopen(
        message_id=late.message_id, reason=Reason.LATE_ANSWER
    )


def test_later_it_opens_a_linked_case():
    late = answer("Mon 2026-12-14 10:01", Label.QUESTION)

    assert decided(resolved(late), "Mon 2026-12-14 10:01") == OpenLinkedCase(
        message_id=late.message_id, reason=Reason.LATE_ANSWER
    )


@pytest.mark.parametrize(
    "late",
    [
        answer("Tue 2026-12-01 10:00", Label.FAVORABLE),
        answer("Tue 2026-12-01 10:00", Label.INFORMATION, is_only_thanks=True),
    ],
)
def test_thanks_and_favorable_ones_do_neither(late):
    assert said(decided(resolved(late), "Tue 2026-12-01 10:00")) == "Wait: late_thanks"


def test_an_absence_notice_does_neither():
    notice = answer("Tue 2026-12-01 10:00", Label.AUTOMATIC)

    assert said(decided(resolved(notice), "Tue 2026-12-01 10:00")) == "Wait: not_active"


def test_thanks_after_a_question_do_not_hide_the_question():
    asks = answer("Tue 2026-12-01 10:00", Label.QUESTION)
    thanks = answer("Tue 2026-12-01 11:00", Label.FAVORABLE)

    assert said(decided(resolved(asks, thanks), "Tue 2026-12-01 11:00")) == "Reopen: late_answer"


def test_an_unknown_sender_reopens_nothing_but_a_person_is_asked_once():
    unsure = answer("Tue 2026-12-01 10:00", Label.QUESTION, is_trusted=False)
    card = Suggestion(
        kind=SuggestionKind.NEEDS_ATTENTION, state=SuggestionState.PROPOSED, reason=Reason.UNTRUSTED_ANSWER.value
    )

    assert said(decided(resolved(unsure), "Tue 2026-12-01 10:00")) == "AskPerson: untrusted_answer"
    assert said(decided(resolved(unsure, suggestion=card), "Tue 2026-12-01 10:00")) == "Wait: untrusted_answer"


def test_a_call_of_the_customer_reopens_too():
    assert decided(resolved(call_of_customer("Tue 2026-12-01 10:00")), "Tue 2026-12-01 10:00") == Reopen(
        message_id=None, reason=Reason.LATE_ANSWER
    )


def test_what_a_person_has_judged_reopens_nothing():
    late = answer("Tue 2026-12-01 10:00", Label.QUESTION, verdict=Verdict.NO_REPLY_NEEDED)

    assert said(decided(resolved(late), "Tue 2026-12-01 10:00")) == "Wait: not_active"


def test_an_answer_from_before_the_resolution_is_none():
    asked = answer("Mon 2026-11-30 09:59", Label.QUESTION)

    assert said(decided(resolved(asked), "Tue 2026-12-01 10:00")) == "Wait: not_active"


def test_a_cancelled_case_stays_as_it_is():
    late = answer("Tue 2026-12-01 10:00", Label.QUESTION)

    case = replace(resolved(late), status=CaseStatus.CANCELLED)

    assert said(decided(case, "Tue 2026-12-01 10:00")) == "Wait: not_active"

"""One of our mails did not arrive: who is told, and what may still happen? (spec 3.8, P3)"""

import pytest

from caseloop.domain.actions import AskPerson, FollowUp, Reason, SuggestionKind, Wait
from caseloop.domain.facts import EndedSeries, Failure, Suggestion
from caseloop.domain.lifecycle import MessageState, SuggestionState
from caseloop.domain.policy import Level
from tests.domain.builders import a_case, a_rule, a_series, at, away, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")
NEVER_A_CLOSING = [
    (MessageState.SENT, Failure.PERMANENT, Reason.UNDELIVERABLE),
    (MessageState.SENT, Failure.REFUSED, Reason.REFUSED),
    (MessageState.SENT, Failure.GONE, Reason.GONE),
    (MessageState.REFUSED, None, Reason.REFUSED),
    (MessageState.UNCONFIRMED, None, Reason.UNCONFIRMED),
]


@pytest.mark.parametrize("state, failure, reason", NEVER_A_CLOSING)
@pytest.mark.parametrize("level", list(Level))
def test_a_person_is_told_and_no_case_is_closed(state, failure, reason, level):
    lost = by_agent("Wed 2026-11-25 10:00", state=state, failure=failure)
    last = by_agent("Fri 2026-11-27 10:00", closes="2026-11-29")

    action = decided(a_series(FIRST, lost, last, rule=a_rule(level=level)), "Mon 2026-11-30 10:00")

    assert isinstance(action, AskPerson)
    assert action.reason is reason
    assert action.ends is (reason is not Reason.UNCONFIRMED)


@pytest.mark.parametrize("state, failure, reason", NEVER_A_CLOSING)
@pytest.mark.parametrize("changes", [{"rule": a_rule(counts_persons_mail=False)}, {"is_old_silence": True}])
def test_the_persons_mail_has_to_arrive_also_where_it_does_not_count(state, failure, reason, changes):
    lost = by_person("Mon 2026-11-23 10:00", state=state, failure=failure)

    action = decided(a_series(lost, **changes), "Wed 2026-11-25 10:00")

    assert isinstance(action, AskPerson)
    assert action.reason is reason


def test_temporarily_undeliverable_is_tried_once_more_after_the_full_wait():
    soft = by_agent("Wed 2026-11-25 10:00", failure=Failure.TEMPORARY)

    assert isinstance(decided(a_series(FIRST, soft), "Fri 2026-11-27 09:59"), Wait)
    action = decided(a_series(FIRST, soft), "Fri 2026-11-27 10:00")
    assert isinstance(action, FollowUp)
    assert action.step == 3


def test_a_second_temporary_failure_goes_to_a_person():
    softs = [by_agent("Wed 2026-11-25 10:00", failure=Failure.TEMPORARY)]
    softs.append(by_agent("Fri 2026-11-27 10:00", failure=Failure.TEMPORARY))

    action = decided(a_series(FIRST, *softs, rule=a_rule(follow_ups=4)), "Fri 2026-11-27 10:05")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.detail) == (Reason.UNDELIVERABLE, "temporary")


def test_so_does_the_first_one_when_no_follow_up_is_left_to_try_with():
    last = by_agent("Fri 2026-11-27 10:00", failure=Failure.TEMPORARY, closes="2026-11-29")
    case = a_series(FIRST, by_agent("Wed 2026-11-25 10:00"), last)

    assert said(decided(case, "Fri 2026-11-27 10:05")) == "AskPerson: undeliverable"


def test_one_that_was_tried_again_still_keeps_the_case_from_being_closed():
    soft = by_agent("Wed 2026-11-25 10:00", failure=Failure.TEMPORARY)
    last = by_agent("Fri 2026-11-27 10:00", closes="2026-11-29")

    assert isinstance(decided(a_series(FIRST, soft, last), "Fri 2026-11-27 10:05"), Wait)
    assert said(decided(a_series(FIRST, soft, last), "Sun 2026-11-29 10:00")) == "AskPerson: undeliverable"


def test_what_bounced_before_the_persons_newest_mail_is_over():
    bounced = by_agent("Fri 2026-11-20 10:00", failure=Failure.PERMANENT)
    case = a_series(by_person("Wed 2026-11-18 10:00"), bounced, FIRST, since="Mon 2026-11-23 10:01")

    assert isinstance(decided(case, "Wed 2026-11-25 10:00"), FollowUp)


def test_no_address_that_can_be_reached():
    assert said(decided(a_series(FIRST, has_recipient=False), "Mon 2026-11-23 10:01")) == "AskPerson: no_address"
    assert said(decided(a_case(FIRST, has_recipient=False), "Mon 2026-11-23 10:01")) == "Wait: no_address"


def test_the_customer_has_left_the_company():
    gone = away("Mon 2026-11-23 10:01", is_gone=True)

    action = decided(a_series(FIRST, gone), "Mon 2026-11-23 10:02")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (Reason.GONE, True)
    later = by_person("Tue 2026-11-24 10:00")
    case = a_series(FIRST, gone, later, since="Tue 2026-11-24 10:01")
    assert isinstance(decided(case, "Thu 2026-11-26 10:00"), FollowUp)


def test_a_series_that_ended_for_a_bounce_does_not_begin_and_end_again_with_every_mark():
    bounced = by_agent("Wed 2026-11-25 10:00", failure=Failure.PERMANENT)
    card = Suggestion(
        kind=SuggestionKind.NEEDS_ATTENTION, state=SuggestionState.PROPOSED, reason=Reason.UNDELIVERABLE.value
    )
    over = EndedSeries(
        started_at=at("Mon 2026-11-23 10:01"), ended_at=at("Wed 2026-11-25 10:05"), end_reason="undeliverable"
    )

    untold = decided(a_case(FIRST, bounced), "Wed 2026-11-25 11:00")
    shown = decided(a_case(FIRST, bounced, suggestion=card), "Wed 2026-11-25 11:00")
    dismissed = decided(a_case(FIRST, bounced, ended_series=(over,)), "Wed 2026-11-25 11:00")

    assert said(untold) == "AskPerson: undeliverable"
    assert (said(shown), said(dismissed)) == ("Wait: undeliverable", "Wait: undeliverable")
    later = by_person("Thu 2026-11-26 10:00")
    again = a_case(FIRST, bounced, later, ended_series=(over,))
    assert said(decided(again, "Thu 2026-11-26 10:01")) == "Start: started"

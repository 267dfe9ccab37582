"""How far is a series? Which mails count, and which wait follows which? (spec 2.4, 2.13, P1)"""

from dataclasses import replace

import pytest

from caseloop.domain.actions import FollowUp, Resolve, Start, Wait
from caseloop.domain.counting import count, counts_since, due_at
from caseloop.domain.facts import EndedSeries, Label
from caseloop.domain.lifecycle import MessageState
from tests.domain.builders import a_case, a_rule, a_series, answer, at, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")
ONE_TWO_THREE = a_rule("1 days", "2 days", "3 days")
WITHOUT = a_rule("1 days", "2 days", "3 days", counts_persons_mail=False)


def position(facts, rule=None):
    return count(facts, facts.series, rule or facts.rule_now.policy).position


def next_due(facts):
    policy = facts.rule_now.policy
    return due_at(facts, policy, count(facts, facts.series, policy))


@pytest.mark.parametrize(
    "rule, due",
    [
        (ONE_TWO_THREE, ["Tue 2026-11-24 10:00", "Thu 2026-11-26 10:00", "Sun 2026-11-29 10:00"]),
        (WITHOUT, ["Tue 2026-11-24 10:00", "Thu 2026-11-26 10:00", "Sun 2026-11-29 10:00", "Wed 2026-12-02 10:00"]),
    ],
    ids=["the person's mail is number 1", "the agent's first mail is number 1"],
)
def test_which_wait_follows_which_mail(rule, due):
    """Each mail goes out when it is due; the last date is the closing, before which the last wait repeats, if at all."""
    mails = [FIRST]
    for moment in due:
        assert next_due(a_series(*mails, rule=rule)) == at(moment)
        mails.append(by_agent(moment, closes=moment.split()[1]))
    closing = decided(a_series(*mails[:-1], rule=rule), due[-1])
    assert said(closing) in ("Resolve: silent", "AskPerson: no_notice_given")
    assert isinstance(closing, Resolve)


@pytest.mark.parametrize("follow_ups", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("counts, is_old", [(True, False), (False, False), (True, True)])
def test_never_more_mails_of_the_agent_than_the_rule_says(follow_ups, counts, is_old):
    rule = a_rule("20 hours", follow_ups=follow_ups, counts_persons_mail=counts, closes_without_notice=True)
    mails = [FIRST]
    for day in range(24, 31):
        action = decided(a_series(*mails, rule=rule, is_old_silence=is_old), at_noon(day))
        if isinstance(action, FollowUp):
            assert action.step == len(mails) + (1 if counts and not is_old else 0)
            mails.append(by_agent(at_noon(day)))
    assert len(mails) - 1 == (follow_ups - 1 if counts and not is_old else follow_ups)
    assert isinstance(action, Resolve)


def at_noon(day):
    return at("Mon 2026-11-23 12:00").replace(day=day)


def test_a_persons_mail_in_a_running_series_counts_as_the_next_follow_up_and_starts_its_wait():
    case = a_series(FIRST, by_person("Tue 2026-11-24 16:00"), rule=ONE_TWO_THREE)

    assert position(case) == 2
    assert next_due(case) == at("Thu 2026-11-26 16:00")


def test_unless_count_from_the_start_was_ticked():
    case = a_series(FIRST, by_person("Tue 2026-11-24 16:00", restarts_count=True), rule=ONE_TWO_THREE)

    assert position(case) == 1
    assert next_due(case) == at("Wed 2026-11-25 16:00")


def test_count_from_the_start_makes_an_old_silence_a_new_one():
    restart = by_person("Tue 2026-11-24 16:00", restarts_count=True)

    assert position(a_series(FIRST, restart, is_old_silence=True)) == 1


def test_an_old_silence_begins_with_a_follow_up_of_its_own_and_its_full_wait():
    old = a_series(by_person("Mon 2026-09-07 10:00"), is_old_silence=True, since="Mon 2026-11-23 10:00")

    action = decided(old, "Mon 2026-11-23 10:00")

    assert isinstance(action, FollowUp)
    assert action.step == 1
    mailed = a_series(
        by_person("Mon 2026-09-07 10:00"),
        by_agent("Mon 2026-11-23 10:00"),
        is_old_silence=True,
        since="Mon 2026-11-23 09:00",
    )
    assert next_due(mailed) == at("Wed 2026-11-25 10:00")


def test_a_skipped_step_counts_and_its_wait_begins_with_the_click():
    case = a_series(FIRST, rule=ONE_TWO_THREE, skips=(at("Tue 2026-11-24 12:00"),))

    assert position(case) == 2
    assert next_due(case) == at("Thu 2026-11-26 12:00")


def test_drafts_and_discarded_mails_do_not_count_and_unconfirmed_ones_do():
    unsent = [by_agent("Tue 2026-11-24 10:00", state=state) for state in (MessageState.DRAFT, MessageState.DISCARDED)]

    assert position(a_series(FIRST, *unsent)) == 1
    assert position(a_series(FIRST, by_agent("Tue 2026-11-24 10:00", state=MessageState.UNCONFIRMED))) == 2


def test_a_case_that_left_the_trigger_and_came_back_goes_on_counting():
    left = EndedSeries(started_at=at("Mon 2026-11-23 10:01"), ended_at=at("Thu 2026-11-26 09:00"))
    again = by_person("Tue 2026-11-24 10:00")
    words = (FIRST, again, by_agent("Wed 2026-11-25 10:00"))

    begun = decided(a_case(*words, rule=a_rule(follow_ups=5), ended_series=(left,)), "Thu 2026-11-26 10:00")

    assert isinstance(begun, Start)
    case = a_series(*words, since="Thu 2026-11-26 10:00", counts_since=at("Mon 2026-11-23 10:01"))
    assert position(case) == 3
    assert position(replace(case, series=replace(case.series, counts_since=None))) == 2


@pytest.mark.parametrize(
    "word, since",
    [
        (None, "Mon 2026-11-23 10:01"),
        (by_person("Thu 2026-11-26 09:30"), "Thu 2026-11-26 10:00"),
        (answer("Thu 2026-11-26 09:30", Label.QUESTION), "Thu 2026-11-26 10:00"),
    ],
    ids=["nothing between", "a new mail of a person", "an answer"],
)
def test_what_makes_the_count_begin_anew(word, since):
    left = EndedSeries(started_at=at("Mon 2026-11-23 10:01"), ended_at=at("Thu 2026-11-26 09:00"))
    case = a_case(FIRST, *([word] if word else []))

    assert counts_since(at("Thu 2026-11-26 10:00"), [left], case.mails, case.answers) == at(since)


def test_an_old_silence_that_came_back_is_still_counted_without_the_persons_mail():
    left = EndedSeries(started_at=at("Mon 2026-11-23 10:01"), ended_at=at("Thu 2026-11-26 09:00"))
    old = by_person("Mon 2026-11-16 10:00")
    case = a_case(old, by_agent("Mon 2026-11-23 10:05"), ended_series=(left,), activated_at=at("Mon 2026-11-23 10:00"))

    action = decided(case, "Thu 2026-11-26 10:00")

    assert isinstance(action, Start)
    assert action.is_old_silence


def test_after_an_answer_that_the_series_went_on_after_the_bound_begins_anew_but_not_the_position():
    words = [FIRST, by_agent("Wed 2026-11-25 10:00"), by_agent("Fri 2026-11-27 10:00")]
    later = answer("Sat 2026-11-28 10:00", Label.DEFERRAL, until="2026-12-01")
    case = a_series(*words, later)

    state = count(case, case.series, a_rule())

    assert (state.position, state.since_answer, state.must_mail) == (3, 0, True)


def test_a_wait_on_a_year_that_does_not_exist_is_a_wait_of_a_year_at_most():
    case = a_series(FIRST, rule=a_rule("8760 hours"))

    action = decided(case, "Mon 2026-11-23 10:01")

    assert isinstance(action, Wait)
    assert action.until == at("Tue 2027-11-23 10:00")

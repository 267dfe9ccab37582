"""A rule is edited while series run: what reaches them at once, and what only new ones? (spec 2.7)"""

import pytest

from caseloop.domain.actions import AskPerson, FollowUp, PrepareDraft, Wait
from caseloop.domain.calendar import Duration
from caseloop.domain.policy import Level, OnFavorable, Policy, UnknownSchema, lowered
from tests.domain.builders import a_rule, a_series, at, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")


def edited(*waits, **changes) -> Policy:
    return a_rule(*waits, version=2, **changes)


@pytest.mark.parametrize(
    "name, low, high",
    [
        ("level", Level.CONFIRM, Level.FULL),
        ("follow_ups", 2, 4),
        ("closes_without_notice", False, True),
        ("sends_closing_notice", True, False),
        ("on_favorable", OnFavorable.KEEP, OnFavorable.SUGGEST),
        ("on_favorable", OnFavorable.SUGGEST, OnFavorable.RESOLVE),
        ("daily_cap", 10, 50),
        ("daily_cap", 10, None),
    ],
)
def test_lower_holds_at_once_and_higher_only_for_new_series(name, low, high):
    assert getattr(lowered(a_rule(**{name: high}), edited(**{name: low})), name) == low
    assert getattr(lowered(a_rule(**{name: low}), edited(**{name: high})), name) == low


def test_longer_waits_hold_at_once_and_shorter_ones_do_not():
    longer = lowered(a_rule("48 hours"), edited("72 hours"))
    shorter = lowered(a_rule("48 hours"), edited("24 hours"))

    action = decided(a_series(FIRST), "Wed 2026-11-25 10:00", longer)

    assert isinstance(action, Wait)
    assert action.until == at("Thu 2026-11-26 10:00")
    assert isinstance(decided(a_series(FIRST), "Tue 2026-11-24 10:00", shorter), Wait)
    assert isinstance(decided(a_series(FIRST), "Wed 2026-11-25 10:00", shorter), FollowUp)


def test_waits_in_other_units_are_both_waited_for():
    both = lowered(a_rule("48 hours"), edited("1 working days"))
    friday = a_series(by_person("Fri 2026-11-20 10:00"))

    action = decided(friday, "Sun 2026-11-22 10:00", both)

    assert isinstance(action, Wait)
    assert action.until == at("Mon 2026-11-23 10:00")


def test_full_automation_lowered_to_confirmation_in_the_middle_of_a_series():
    policy = lowered(a_rule(), edited(level=Level.CONFIRM))

    assert isinstance(decided(a_series(FIRST), "Wed 2026-11-25 10:00", policy), PrepareDraft)


def test_three_follow_ups_lowered_to_two_after_the_second_went_out():
    """The second mail did not say a closing date, for it wasn't the last one then: a person closes."""
    policy = lowered(a_rule(follow_ups=3), edited(follow_ups=2))
    case = a_series(FIRST, by_agent("Wed 2026-11-25 10:00"))

    action = decided(case, "Fri 2026-11-27 10:00", policy)

    assert isinstance(action, AskPerson)
    assert said(action) == "AskPerson: no_notice_given"


def test_fewer_follow_ups_do_not_shorten_the_wait_that_a_mail_was_sent_with():
    policy = lowered(a_rule("1 days", "1 days", "14 days"), edited("1 days", "1 days"))

    assert policy.waits_after(3) == (Duration.parse("14 days"), Duration.parse("1 days"))


@pytest.mark.parametrize(
    "running, current, expected",
    [
        (a_rule(follow_ups=3, counts_persons_mail=False), edited(follow_ups=3), 2),
        (a_rule(follow_ups=3), edited(follow_ups=3, counts_persons_mail=False), 3),
        (a_rule(follow_ups=2), edited(follow_ups=1, counts_persons_mail=False), 2),
        (a_rule(follow_ups=1, counts_persons_mail=False), edited(follow_ups=1), 1),
    ],
)
def test_what_is_lowered_is_the_number_of_mails_that_the_agent_sends(running, current, expected):
    assert lowered(running, current).follow_ups == expected


def test_the_same_version_or_another_rule_changes_nothing():
    running = a_rule()

    assert lowered(running, a_rule(level=Level.CONFIRM)) is running
    assert lowered(running, edited(level=Level.CONFIRM, rule_id=8)) is running


def test_a_copy_is_read_again_as_it_was_written_and_one_of_another_schema_is_refused():
    policy = lowered(a_rule("1 days", "2 days", templates=(3, None)), edited("2 working days", follow_ups=1))

    assert Policy.from_json(policy.to_json()) == policy
    with pytest.raises(UnknownSchema, match="schema 99"):
        Policy.from_json({**policy.to_json(), "schema": 99})


@pytest.mark.parametrize("follow_ups, waits", [(0, 3), (6, 6), (3, 2)])
def test_a_policy_has_one_to_five_follow_ups_and_a_wait_for_each(follow_ups, waits):
    with pytest.raises(ValueError, match="follow-ups"):
        Policy(
            rule_id=1,
            version=1,
            name="",
            level=Level.FULL,
            follow_ups=follow_ups,
            waits=(Duration.parse("1 days"),) * waits,
        )


def test_the_template_of_a_step():
    policy = a_rule(templates=(11, None))

    assert [policy.template_for(step) for step in (0, 1, 2, 3)] == [None, 11, None, None]

"""From a rule to the copy that a series goes by, and what is in force of it (spec 2.7)."""

from __future__ import annotations

from datetime import datetime

import pytest

from caseloop.domain.policy import Level
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.models import Enrolment, Rule, RuleVersion
from caseloop.followups.policies import freeze, in_force, policy_of, readable_policy_of
from tests.followups.loop import CONTOSO, a_rule, again, manager, silent_case

pytestmark = pytest.mark.django_db


def test_the_copy_of_a_series_says_what_the_rule_said(monday: datetime) -> None:
    silent_case("full", monday)
    series, rule = Enrolment.objects.get(), Rule.objects.get()
    assert in_force(series.policy, None) == policy_of(rule)
    assert (series.rule_version, RuleVersion.objects.get().policy) == (1, series.policy)


def test_a_version_is_kept_once_and_as_it_was_first(monday: datetime) -> None:
    rule = a_rule("confirm", monday)
    rule.name = "Another name"
    assert freeze(rule, manager(), monday).policy["name"] == "Contoso Coffee, confirm"
    assert RuleVersion.objects.count() == 1


def test_what_is_less_now_holds_and_what_is_more_does_not(monday: datetime) -> None:
    from caseloop.followups import rules

    silent_case("full", monday)
    fields = rules.RuleFields(
        waits=["24 hours", "72 hours"], conditions=CONTOSO, plain={"level": "confirm", "follow_ups": 2}
    )
    rules.save_rule(fields, actor=manager(), now=monday, rule=Rule.objects.get())
    policy = in_force(Enrolment.objects.get().policy, policy_of(Rule.objects.get()))
    assert policy is not None
    assert (policy.level, policy.follow_ups) == (Level.CONFIRM, 2)
    assert len(policy.waits_after(1)) == 2, "the longer of the two waits counts"


@pytest.mark.parametrize("copy", [{"schema": 99}, {}, {"schema": 1, "level": "confirm"}, {"schema": 1, "level": "?"}])
def test_a_copy_that_this_version_cannot_read_is_nobodys_guess(copy: dict[str, object]) -> None:
    assert in_force(copy, None) is None


@pytest.mark.parametrize("wrong", [{"waits": ["soon"]}, {"waits": []}, {"level": "perhaps"}, {"on_favorable": "?"}])
def test_a_rule_written_past_the_checks_raises_as_its_conditions_would(
    wrong: dict[str, object], monday: datetime
) -> None:
    rule = a_rule("confirm", monday)
    Rule.objects.filter(pk=rule.pk).update(**wrong)
    with pytest.raises(BadCondition, match="cannot be read"):
        readable_policy_of(again(rule))

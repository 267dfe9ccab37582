"""From a rule to the policy that a series goes by, and back to what is in force for it now (spec 2.7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from caseloop.accounts.models import User
from caseloop.domain.calendar import Duration
from caseloop.domain.errors import DomainError
from caseloop.domain.policy import Level, OnFavorable, Policy, UnknownSchema, lowered
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.models import Rule, RuleVersion


def policy_of(rule: Rule) -> Policy:
    """The rule as a policy; raises `InvalidDuration` or ValueError where the row was written past the checks."""
    return Policy(
        rule_id=rule.pk,
        version=rule.version,
        name=rule.name,
        level=Level(rule.level),
        follow_ups=rule.follow_ups,
        waits=tuple(Duration.parse(wait) for wait in rule.waits[: rule.follow_ups]),
        trigger_status_reason_id=rule.trigger_status_reason_id,
        trigger_context=rule.trigger_context,
        counts_persons_mail=rule.counts_persons_mail,
        on_favorable=OnFavorable(rule.on_favorable),
        closes_without_notice=rule.closes_without_notice,
        sends_closing_notice=rule.sends_closing_notice,
        templates=tuple(rule.templates),
        status_when_answered_id=rule.status_when_answered_id,
        status_after_step_id=rule.status_after_step_id,
        status_at_resolve_id=rule.status_at_resolve_id,
        calendar_id=rule.calendar_id,
        sending_times_id=rule.sending_times_id,
        daily_cap=rule.daily_cap,
    )


def readable_policy_of(rule: Rule) -> Policy:
    """The same for a rule that runs; raises `BadCondition`, as its conditions would, where it cannot be read."""
    try:
        return policy_of(rule)
    except (DomainError, ValueError) as error:
        raise BadCondition(f"The rule “{rule.name}” cannot be read: {error}") from error


def in_force(copy: dict[str, Any], rule_now: Policy | None) -> Policy | None:
    """The copy of a running series, lowered by the rule of today; None when this version cannot read the copy."""
    try:
        running = Policy.from_json(copy)
    except (UnknownSchema, KeyError, ValueError, TypeError):
        return None
    return running if rule_now is None else lowered(running, rule_now)


def freeze(rule: Rule, by: User | None, now: datetime) -> RuleVersion:
    """Keep the policy of this version for good; the same version is kept once."""
    version, _ = RuleVersion.objects.get_or_create(
        rule=rule,
        number=rule.version,
        defaults={"policy": policy_of(rule).to_json(), "made_at": now, "made_by": by},
    )
    return version

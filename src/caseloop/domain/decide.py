"""What comes next for a case? A pure function from facts: no clock, no database, no Django.

The order of the questions is the order of spec 3.1: may anything happen at all, does the rule still take the case,
is the next move the customer's, is the wait over, is the silence proven. Doubt stops; only certainty goes on.
Answers are dealt with before anything that only holds mail and closings, so that no stop hides a customer's words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from caseloop.domain.actions import (
    Action,
    AskForReply,
    AskPerson,
    End,
    PassOn,
    Reason,
    Start,
    SuggestionKind,
    Wait,
)
from caseloop.domain.answering import away_too_long, open_answer
from caseloop.domain.counting import count
from caseloop.domain.delivery import undelivered
from caseloop.domain.errors import DomainError
from caseloop.domain.facts import Facts, ProtectionEffect, Series
from caseloop.domain.holding import in_flight, promised, stands_still
from caseloop.domain.lifecycle import CaseStatus
from caseloop.domain.policy import Policy
from caseloop.domain.starting import ask_once, consider, series_from
from caseloop.domain.stepping import next_step

LOOK_AGAIN_AT_LEAST_AFTER = timedelta(minutes=1)
CALENDAR_AGAIN_AFTER = timedelta(hours=1)


def decide(facts: Facts, policy: Policy | None, now: datetime) -> Action:
    """The next action for the case at `now` (UTC); without a policy: whether a series starts. Never raises on facts.

    The same facts always give the same action, so it can be asked again right before each act (spec 2.8). A `Wait`
    is always for a later moment; one without a date is ended by a person, a switch, or a mark.
    """
    try:
        action = _decide(facts, policy, now)
    except (DomainError, OverflowError) as error:
        action = _cannot_count(facts, error, now)
    if isinstance(action, Wait) and action.until is not None and action.until <= now:
        return replace(action, until=now + LOOK_AGAIN_AT_LEAST_AFTER)
    return action


def _decide(facts: Facts, policy: Policy | None, now: datetime) -> Action:
    if facts.series is None:
        return _considered(facts, now)
    if policy is not None and facts.series.has_known_schema:
        return _running(facts, facts.series, policy, now)
    if facts.status is not CaseStatus.ACTIVE:
        return End(reason=Reason.NOT_ACTIVE)
    return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.UNKNOWN_SCHEMA, ends=True)


def _cannot_count(facts: Facts, error: Exception, now: datetime) -> Action:
    """A calendar that never opens, or a date beyond all calendars: a person mends it."""
    if facts.series is None:
        return Wait(until=now + CALENDAR_AGAIN_AFTER, reason=Reason.BLOCKED, detail=str(error))
    return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.BLOCKED, detail=str(error))


def _considered(facts: Facts, now: datetime) -> Action:
    """A series that would end at once does not begin; why not is said instead."""
    action = consider(facts, now)
    if not isinstance(action, Start) or facts.rule_now is None:
        return action
    series = series_from(facts, now, action.is_old_silence)
    first = _running(replace(facts, series=series), series, facts.rule_now.policy, now)
    if isinstance(first, AskPerson) and first.ends and first.reason is not Reason.NO_ADDRESS:
        return ask_once(facts, first.reason, first.detail)
    if isinstance(first, End | AskForReply) or (isinstance(first, AskPerson) and first.ends):
        return Wait(until=None, reason=first.reason, detail=first.detail)
    return action


def _running(facts: Facts, series: Series, policy: Policy, now: datetime) -> Action:
    state = count(facts, series, policy)
    return (
        no_longer_ours(facts, series, policy)
        or _switched_off(facts)
        or open_answer(facts, series, policy, state, now)
        or away_too_long(facts, now)
        or undelivered(facts, policy, state)
        or in_flight(facts)
        or promised(facts)
        or stands_still(facts, now)
        or next_step(facts, series, policy, state, now)
    )


def no_longer_ours(facts: Facts, series: Series, policy: Policy) -> Action | None:
    """Whether the case left the rule: resolved, protected, rule off, or taken by another one (spec 2.5, 2.8, 3.9)."""
    if facts.status is not CaseStatus.ACTIVE:
        return End(reason=Reason.NOT_ACTIVE)
    if facts.protection is ProtectionEffect.NEVER:
        return End(reason=Reason.PROTECTED, detail=facts.protection_name)
    if facts.no_automation:
        return End(reason=Reason.NO_AUTOMATION)
    if not facts.series_rule_is_active:
        return _finishing(facts, series, policy)
    if facts.rule_now is None:
        return End(reason=Reason.NO_RULE)
    if not _is_triggered(facts.rule_now.policy, facts):
        return End(reason=Reason.NOT_TRIGGERED)
    if facts.rule_now.policy.rule_id != policy.rule_id:
        return PassOn(reason=Reason.STARTED, rule_id=facts.rule_now.policy.rule_id)
    return None


def _finishing(facts: Facts, series: Series, policy: Policy) -> End | None:
    """Its rule is off. A series that may finish goes by its copy, the trigger among it (spec 2.6)."""
    if not series.may_finish:
        return End(reason=Reason.RULE_OFF)
    return None if _is_triggered(policy, facts) else End(reason=Reason.NOT_TRIGGERED)


def _is_triggered(policy: Policy, facts: Facts) -> bool:
    return policy.trigger_context or policy.trigger_status_reason_id == facts.status_reason_id


def _switched_off(facts: Facts) -> Wait | None:
    return None if facts.switches.is_on else Wait(until=None, reason=Reason.SWITCHED_OFF)

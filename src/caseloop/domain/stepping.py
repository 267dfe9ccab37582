"""Which step of the series is next, and may it be taken now? The wait, the window, the budget, the proof (spec 3.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from caseloop.domain.actions import (
    Action,
    AskPerson,
    FollowUp,
    PrepareDraft,
    Proof,
    Reason,
    Resolve,
    SuggestionKind,
    Wait,
)
from caseloop.domain.closing import closing_obstacle, is_automatic, lacks_notice, silent_closing_obstacle
from caseloop.domain.counting import Count, due_at
from caseloop.domain.facts import Facts, Series
from caseloop.domain.lifecycle import SuggestionState
from caseloop.domain.policy import Policy
from caseloop.domain.silence import prove
from caseloop.domain.talk import absences, human_answers, puts_off


def next_step(facts: Facts, series: Series, policy: Policy, state: Count, now: datetime) -> Action:
    """The follow-up or the closing that is next, or the date that it waits for."""
    due = due_at(facts, policy, state)
    closes = state.position >= policy.follow_ups and not state.must_mail
    step = None if closes else min(state.position + 1, policy.follow_ups)
    if due is None:
        return Wait(until=None, reason=Reason.PAUSED, step=step)
    if now < due:
        until = facts.window.next_opening(due, facts.customer_zone) if is_automatic(facts, policy) else due
        return Wait(until=until, reason=_why_waiting(facts, state), step=step)
    if closes:
        return _close(facts, policy, state, due, now)
    return _mail(facts, series, policy, state, due, step or 1, now)


def _why_waiting(facts: Facts, state: Count) -> Reason:
    """The last word that put the step off, if one came after our last mail."""
    words = [(answer.at, Reason.DEFERRED) for answer in human_answers(facts) if puts_off(answer)]
    words += [(absence.at, Reason.AWAY) for absence in absences(facts)]
    later = [word for word in words if state.last_at is None or word[0] > state.last_at]
    return max(later)[1] if later else Reason.WAIT_NOT_OVER


def _mail(
    facts: Facts, series: Series, policy: Policy, state: Count, due: datetime, step: int, now: datetime
) -> Action:
    if state.since_answer >= policy.follow_ups:
        return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.LIMIT_REACHED, ends=True)
    automatic = is_automatic(facts, policy)
    obstacle = _mailing_obstacle(facts, automatic, step, now)
    if obstacle is not None:
        return obstacle
    kind = _kind_of(series, state)
    if not automatic and _is_suggested(facts, kind, step):
        return Wait(until=None, reason=Reason.FOR_PERSON, step=step)
    if not automatic and facts.owner_has_room_at is not None and facts.owner_has_room_at > now:
        return Wait(until=facts.owner_has_room_at, reason=Reason.OWNER_HAS_ENOUGH, step=step)
    proof = prove(facts, due, now, step)
    if not isinstance(proof, Proof):
        return proof
    is_last = state.position + 1 >= policy.follow_ups
    if automatic:
        return FollowUp(reason=Reason.SILENT, step=step, is_last=is_last, proof=proof)
    return PrepareDraft(reason=Reason.SILENT, kind=kind, step=step, is_last=is_last, proof=proof)


def _mailing_obstacle(facts: Facts, automatic: bool, step: int, now: datetime) -> Action | None:
    if not facts.switches.follow_up_flow:
        return Wait(until=None, reason=Reason.FLOW_OFF, detail="case follow-up agent flow", step=step)
    if not automatic:
        return None
    if facts.guard.needs_yes:
        return Wait(until=None, reason=Reason.GUARD, step=step)
    if not facts.guard.admits:
        again_at = facts.guard.admits_again_at or now + timedelta(hours=1)
        return Wait(until=again_at, reason=Reason.RAMP, step=step)
    if facts.budget_free_at is not None and facts.budget_free_at > now:
        return Wait(until=facts.budget_free_at, reason=Reason.CONTACT_BUDGET, step=step)
    opens_at = facts.window.next_opening(now, facts.customer_zone)
    if opens_at > now:
        return Wait(until=opens_at, reason=Reason.OUTSIDE_SENDING_TIMES, step=step)
    return None


def _kind_of(series: Series, state: Count) -> SuggestionKind:
    """*Send next follow-up* once a follow-up of this series stayed unanswered, else *Send follow-up*."""
    followed = [mail for mail in state.counted if mail.at > series.started_at]
    return SuggestionKind.SEND_NEXT_FOLLOW_UP if followed else SuggestionKind.SEND_FOLLOW_UP


def _is_suggested(facts: Facts, kind: SuggestionKind, step: int | None) -> bool:
    open_one = facts.suggestion
    return (
        open_one is not None
        and open_one.kind is kind
        and open_one.step == step
        and open_one.state in (SuggestionState.PROPOSED, SuggestionState.APPROVED)
    )


def _close(facts: Facts, policy: Policy, state: Count, due: datetime, now: datetime) -> Action:
    obstacle = silent_closing_obstacle(facts, state, now)
    if obstacle is not None:
        return obstacle
    automatic = is_automatic(facts, policy) and not lacks_notice(policy, state)
    if automatic:
        obstacle = closing_obstacle(facts, now)
        if obstacle is not None:
            return obstacle
    elif _is_suggested(facts, SuggestionKind.RESOLVE_CASE, None):
        return Wait(until=None, reason=Reason.FOR_PERSON)
    elif not facts.switches.representative_flow:
        return Wait(until=None, reason=Reason.FLOW_OFF, detail="case closure representative flow")
    elif facts.owner_has_room_at is not None and facts.owner_has_room_at > now:
        return Wait(until=facts.owner_has_room_at, reason=Reason.OWNER_HAS_ENOUGH)
    proof = prove(facts, due, now, step=None)
    if not isinstance(proof, Proof):
        return proof
    if automatic:
        return Resolve(reason=Reason.SILENT, proof=proof)
    reason = Reason.NO_NOTICE_GIVEN if is_automatic(facts, policy) else Reason.SILENT
    return AskPerson(kind=SuggestionKind.RESOLVE_CASE, reason=reason, proof=proof)

"""Does a series start, and if not, why? Also what a late answer does to a resolved case (spec 2.13, 3.1, 3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from caseloop.domain.actions import (
    Action,
    AskPerson,
    OpenLinkedCase,
    ReadReply,
    Reason,
    Reopen,
    Start,
    SuggestionKind,
    Wait,
)
from caseloop.domain.answering import first_without_reading
from caseloop.domain.counting import NEVER_APPROVED, anchor_of, counts_since
from caseloop.domain.facts import Answer, Facts, Label, ProtectionEffect, RuleNow, Series, Source, Verdict
from caseloop.domain.holding import in_flight
from caseloop.domain.lifecycle import CaseStatus, MessageState
from caseloop.domain.policy import Policy
from caseloop.domain.talk import human_answers, is_overlooked, last_verdict, open_answers, puts_off, says_solved

LOST = {MessageState.REFUSED: Reason.REFUSED, MessageState.UNCONFIRMED: Reason.UNCONFIRMED}


def consider(facts: Facts, now: datetime) -> Action:
    """`Start`, or the first reason why no series starts, in the order of spec 3.1; a late answer comes first."""
    if facts.status is not CaseStatus.ACTIVE:
        return _late_answer(facts) or Wait(until=None, reason=Reason.NOT_ACTIVE)
    lost = _lost_mail(facts)
    if isinstance(lost, AskPerson):
        return lost
    if facts.protection is ProtectionEffect.NEVER:
        return lost or Wait(until=None, reason=Reason.PROTECTED, detail=facts.protection_name)
    if facts.no_automation:
        return lost or Wait(until=None, reason=Reason.NO_AUTOMATION)
    return _read_first(facts) or lost or _by_rule(facts, now)


def _lost_mail(facts: Facts) -> Action | None:
    """The last mail that a person sent off did not go, or may not have: whatever the case waits for, somebody is told.

    Whether a rule takes the case doesn't matter: what the mail was to set may be the very thing that it waits for (P4).
    """
    sent_off = [mail for mail in facts.mails if mail.state not in NEVER_APPROVED]
    if not sent_off or not sent_off[-1].is_by_person or sent_off[-1].state not in LOST:
        return None
    return ask_once(facts, LOST[sent_off[-1].state])


def _read_first(facts: Facts) -> Action | None:
    """Every human mail gets a reading, series or not: an angry one holds the contact's other cases (spec 3.6)."""
    unread = first_without_reading(open_answers(facts))
    if unread is None or not facts.switches.is_on:
        return None
    return ReadReply(message_id=unread, reason=Reason.ANSWERED)


def _by_rule(facts: Facts, now: datetime) -> Action:
    rule = facts.rule_now
    if rule is None:
        return Wait(until=facts.rule_could_match_at, reason=Reason.NO_RULE)
    if not _is_triggered(rule.policy, facts):
        return Wait(until=facts.rule_could_match_at, reason=Reason.NOT_TRIGGERED)
    if not any(mail.is_by_person for mail in facts.mails):
        return Wait(until=None, reason=Reason.NO_MAIL_OF_OURS)
    return in_flight(facts) or _next_move_ours(facts) or _stopped(facts) or _admitted(facts, rule, now)


def _is_triggered(policy: Policy, facts: Facts) -> bool:
    by_status = policy.trigger_status_reason_id == facts.status_reason_id
    return by_status or (policy.trigger_context and facts.is_context_with_customer is True)


def _next_move_ours(facts: Facts) -> Action | None:
    """An answer that nobody dealt with, or a promise of ours; a deferral leaves the next move with the customer."""
    waiting = [answer for answer in open_answers(facts) if not puts_off(answer)]
    last = facts.mails[-1]
    if waiting and all(says_solved(answer) for answer in waiting):
        return Wait(until=None, reason=Reason.FAVORABLE)
    if waiting:
        is_unread = all(is_overlooked(facts, answer) for answer in waiting)
        return Wait(until=None, reason=Reason.UNREAD if is_unread else Reason.NEXT_MOVE_OURS)
    if last_verdict(facts) is Verdict.NO_REPLY_NEEDED:
        return Wait(until=None, reason=Reason.NO_REPLY_NEEDED)
    if facts.ended_by_person_at is not None and facts.ended_by_person_at >= last.written_at:
        return Wait(until=None, reason=Reason.ENDED_BY_PERSON)
    if last.promises:
        return ask_once(facts, Reason.PROMISED, last.promises)
    return None


def ask_once(facts: Facts, reason: Reason, detail: str = "") -> Action:
    """A person is told, unless the card is there, or the last series ended for this since our last mail."""
    is_shown = facts.suggestion is not None and facts.suggestion.reason == reason.value
    if is_shown or _last_end_reason(facts) == reason.value:
        return Wait(until=None, reason=reason, detail=detail)
    return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=reason, detail=detail)


def _last_end_reason(facts: Facts) -> str:
    """Why the last series ended, if nothing of ours went out since."""
    last = max(facts.ended_series, key=lambda series: series.ended_at, default=None)
    is_over = last is not None and any(mail.at > last.ended_at for mail in facts.mails)
    return "" if last is None or is_over else last.end_reason


def _stopped(facts: Facts) -> Wait | None:
    if facts.switches.is_stopped:
        return Wait(until=None, reason=Reason.STOPPED)
    if not facts.switches.is_on:
        return Wait(until=None, reason=Reason.SWITCHED_OFF)
    if _last_end_reason(facts) == Reason.UNKNOWN_SCHEMA.value:
        return Wait(until=None, reason=Reason.UNKNOWN_SCHEMA)
    return None


def _admitted(facts: Facts, rule: RuleNow, now: datetime) -> Action:
    silent_since = facts.mails[-1].at
    is_left = silent_since < rule.activated_at
    if is_left:
        days = rule.takes_silences_up_to_days
        if days is None or rule.activated_at - silent_since > timedelta(days=days):
            return Wait(until=None, reason=Reason.OLD_SILENCE)
    if facts.guard.needs_yes:
        return Wait(until=None, reason=Reason.GUARD)
    if is_left and not facts.guard.admits:
        return Wait(until=facts.guard.admits_again_at or now + timedelta(hours=1), reason=Reason.RAMP)
    anchor = anchor_of(facts.mails, series_from(facts, now))
    is_old = anchor is not None and anchor.at < rule.activated_at
    return Start(reason=Reason.STARTED, is_old_silence=is_old)


def series_from(facts: Facts, now: datetime, is_old_silence: bool = False) -> Series:
    """The series that would start now."""
    return Series(
        started_at=now,
        counts_since=counts_since(now, facts.ended_series, facts.mails, human_answers(facts)),
        is_old_silence=is_old_silence,
    )


def _late_answer(facts: Facts) -> Action | None:
    """A human answer after the resolution reopens, or opens a linked case; thanks and favorable ones don't."""
    if facts.status is not CaseStatus.RESOLVED or facts.resolved_at is None:
        return None
    resolved_at = facts.resolved_at
    late = [answer for answer in human_answers(facts) if answer.at > resolved_at and not _is_judged(answer)]
    if not late:
        return None
    unread = first_without_reading(late)
    if unread is not None:
        return ReadReply(message_id=unread, reason=Reason.LATE_ANSWER)
    return _late(facts, [answer for answer in late if not _is_content(answer)], resolved_at)


def _late(facts: Facts, wanting: Sequence[Answer], resolved_at: datetime) -> Action:
    certain = [answer for answer in wanting if answer.is_trusted or answer.source is Source.RECORDED]
    if certain:
        answer = certain[-1]
        if answer.at - resolved_at <= timedelta(days=facts.reopen_window_days):
            return Reopen(message_id=answer.message_id, reason=Reason.LATE_ANSWER)
        return OpenLinkedCase(message_id=answer.message_id, reason=Reason.LATE_ANSWER)
    if wanting:
        return ask_once(facts, Reason.UNTRUSTED_ANSWER)
    return Wait(until=None, reason=Reason.LATE_THANKS)


def _is_judged(answer: Answer) -> bool:
    return answer.reading is not None and answer.reading.verdict is not None


def _is_content(answer: Answer) -> bool:
    reading = answer.reading
    return reading is not None and (reading.is_only_thanks or reading.label is Label.FAVORABLE)

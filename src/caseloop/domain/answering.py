"""What follows from the answers of the customer that nobody has dealt with yet? (spec 3.6, 3.7, 3.14)

All of them are looked at together, and the gravest one decides: a *thanks* doesn't cover the question before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from caseloop.domain.actions import (
    Action,
    AskForReply,
    AskPerson,
    End,
    Proof,
    ReadReply,
    Reason,
    Resolve,
    SuggestionKind,
    Wait,
)
from caseloop.domain.calendar import local_date
from caseloop.domain.closing import absence_obstacle, closing_obstacle, is_automatic, quiet_obstacle
from caseloop.domain.counting import (
    DEFERRALS_AT_MOST,
    DEFERRED_AT_MOST,
    Count,
    anchor_of,
    deferrals,
    is_put_off_too_long,
)
from caseloop.domain.delivery import have_all_arrived
from caseloop.domain.facts import Answer, Facts, Label, Series, Source, Verdict
from caseloop.domain.holding import in_flight, stands_still
from caseloop.domain.policy import OnFavorable, Policy
from caseloop.domain.silence import prove
from caseloop.domain.talk import absences, human_answers, last_verdict, open_answers, undated

NEED_A_REPLY = (Label.NEGATIVE, Label.QUESTION, Label.INFORMATION, Label.UNCLEAR)


def open_answer(facts: Facts, series: Series, policy: Policy, state: Count, now: datetime) -> Action | None:
    """What to do about the open answers; None when there are none, or when the series goes on after them."""
    answers = open_answers(facts)
    if not answers:
        return End(reason=Reason.NO_REPLY_NEEDED) if last_verdict(facts) is Verdict.NO_REPLY_NEEDED else None
    unread = first_without_reading(answers)
    if unread is not None:
        return ReadReply(message_id=unread, reason=Reason.ANSWERED)
    if any(answer.reading and answer.reading.is_wrong_person for answer in answers):
        return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.WRONG_PERSON, ends=True)
    gravest = _to_reply_to(answers)
    if gravest is not None:
        return gravest
    last = answers[-1]
    if _label(last) is Label.FAVORABLE:
        return _favorable(facts, policy, state, last, now)
    if any(answer.source is Source.RECORDED for answer in answers):
        return End(reason=Reason.ANSWERED)
    if any(_label(answer) is Label.FAVORABLE for answer in answers):
        return AskForReply(message_id=last.message_id, reason=Reason.ANSWERED, detail="solved, then not yet")
    return _deferral(facts, series)


def first_without_reading(answers: Sequence[Answer]) -> int | None:
    """The message of the first answer that has not been read by the reader."""
    unread = [a.message_id for a in answers if a.reading is None and a.source is not Source.RECORDED]
    return next((message_id for message_id in unread if message_id is not None), None)


def _to_reply_to(answers: Sequence[Answer]) -> AskForReply | None:
    """*Reply to customer* for the last negative answer, else the last that needs a reply or can't be trusted."""
    angry = [answer for answer in answers if _label(answer) is Label.NEGATIVE]
    needing = [answer for answer in answers if _needs_reply(answer)]
    if needing:
        answer = (angry or needing)[-1]
        detail = _label(answer).value
        return AskForReply(message_id=answer.message_id, reason=Reason.ANSWERED, detail=detail)
    doubtful = [answer for answer in answers if not answer.is_trusted and answer.source is not Source.RECORDED]
    if doubtful:
        return AskForReply(message_id=doubtful[-1].message_id, reason=Reason.UNTRUSTED_ANSWER)
    return None


def _needs_reply(answer: Answer) -> bool:
    return answer.source is not Source.RECORDED and _label(answer) in NEED_A_REPLY


def _label(answer: Answer) -> Label:
    return answer.reading.label if answer.reading else Label.UNCLEAR


def _deferral(facts: Facts, series: Series) -> Action | None:
    """One undated deferral is waited for; a second, a fourth of any kind, or one beyond 30 days goes to a person."""
    anchor = anchor_of(facts.mails, series)
    asked = deferrals(facts, anchor.at if anchor else None)
    is_too_often = len(undated(facts, asked)) > 1 or len(asked) > DEFERRALS_AT_MOST
    if is_too_often or is_put_off_too_long(facts, asked):
        return AskForReply(message_id=asked[-1].message_id, reason=Reason.TOO_MANY_DEFERRALS)
    return None


def away_too_long(facts: Facts, now: datetime) -> AskPerson | None:
    """An absence of more than 30 days is no longer waited for, as a deferral wouldn't be (spec 3.7)."""
    answers = human_answers(facts)
    notices = [absence for absence in absences(facts) if not answers or absence.at > answers[-1].at]
    today = local_date(now, facts.customer_zone)
    far = [a.resume_on for a in notices if a.resume_on is not None and _is_far(facts, a.at, a.resume_on, today)]
    if not far:
        return None
    detail = f"until {max(far).isoformat()}"
    return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.AWAY, detail=detail, ends=True)


def _is_far(facts: Facts, said_at: datetime, day: date, today: date) -> bool:
    return day > today and day - local_date(said_at, facts.customer_zone) > DEFERRED_AT_MOST


def _favorable(facts: Facts, policy: Policy, state: Count, answer: Answer, now: datetime) -> Action:
    """The series ends; the agent resolves only where the rule says so, all is proven, and nothing blocks it."""
    if policy.on_favorable is OnFavorable.KEEP:
        return End(reason=Reason.FAVORABLE)
    if policy.on_favorable is OnFavorable.SUGGEST or not is_automatic(facts, policy):
        return _suggest_resolving(facts)
    if in_flight(facts) is None and not have_all_arrived(state):
        return _suggest_resolving(facts)
    obstacle = _favorable_obstacle(facts, answer, now)
    if obstacle is not None:
        return obstacle
    proof = prove(facts, answer.at, now, step=None)
    if not isinstance(proof, Proof):
        return proof
    return Resolve(reason=Reason.FAVORABLE, proof=proof, is_favorable=True)


def _suggest_resolving(facts: Facts) -> Action:
    """Without the flow that suggests closings the case stands in *Customer says solved* alone (spec 1.5)."""
    if not facts.switches.representative_flow:
        return End(reason=Reason.FAVORABLE)
    return AskPerson(kind=SuggestionKind.RESOLVE_CASE, reason=Reason.FAVORABLE, ends=True)


def _favorable_obstacle(facts: Facts, answer: Answer, now: datetime) -> Action | None:
    waits = in_flight(facts) or stands_still(facts, now)
    if waits is not None and waits.reason is Reason.APPOINTMENT:
        return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.BLOCKED, detail="coming appointment")
    obstacle: Action | Wait | None = waits or absence_obstacle(facts, answer.at, now) or quiet_obstacle(facts, now)
    return obstacle or closing_obstacle(facts, now)

"""May a drafted follow-up still go out when a person sends it? (spec 2.8, 3.1, P1, P2)

Asked when somebody approves it, and once more inside the claim. Switches, pauses, holds and the sending window are the
person's to judge; an answer of the customer, another mail of ours, and the rule's own limits are not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from caseloop.domain.answering import open_answer
from caseloop.domain.counting import count, due_at
from caseloop.domain.decide import no_longer_ours
from caseloop.domain.delivery import undelivered
from caseloop.domain.errors import DomainError
from caseloop.domain.facts import Facts, Guard, Series, Switches
from caseloop.domain.policy import Policy
from caseloop.domain.talk import human_answers
from caseloop.followups.words import reason_words

WROTE = "the customer wrote meanwhile"


def objection(facts: Facts, policy: Policy | None, step: int | None, drafted_at: datetime, now: datetime) -> str:
    """Why the follow-up number `step`, drafted at `drafted_at`, may not go out; an empty text when it may.

    `facts` are those of the case as if this mail were not there.
    """
    if facts.series is None or policy is None:
        return "the series is over"
    ended = no_longer_ours(facts, facts.series, policy)
    if ended is not None:
        return reason_words(ended.reason, ended.detail)
    if facts.doubts:
        return "a mail may answer this case too"
    return _words_since(facts, drafted_at) or _not_its_turn(facts, facts.series, policy, step, now)


def _words_since(facts: Facts, drafted_at: datetime) -> str:
    if any(answer.at > drafted_at for answer in human_answers(facts)):
        return WROTE
    if any(mail.written_at > drafted_at for mail in facts.mails):
        return "somebody wrote to the customer meanwhile"
    return ""


def _not_its_turn(facts: Facts, series: Series, policy: Policy, step: int | None, now: datetime) -> str:
    try:
        state = count(facts, series, policy)
        if open_answer(_as_if_on(facts), series, policy, state, now) is not None:
            return WROTE
        lost = undelivered(facts, policy, state)
        if lost is not None:
            return reason_words(lost.reason, lost.detail)
        if state.since_answer >= policy.follow_ups:
            return "all follow-ups of the rule were sent"
        if step is not None and step != min(state.position + 1, policy.follow_ups):
            return f"follow-up {min(state.position + 1, policy.follow_ups)} is next"
        due = due_at(facts, policy, state)
        if due is None or due > now:
            return "the wait is not over"
    except (DomainError, OverflowError) as error:
        return str(error)
    return ""


def _as_if_on(facts: Facts) -> Facts:
    return replace(facts, switches=Switches(), guard=Guard())

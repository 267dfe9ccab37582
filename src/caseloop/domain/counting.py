"""How far is a series, and when is its next step due? (spec 2.4, 2.13, 3.2, 3.7)

Position k means: k mails of this series count, the person's mail before it among them where the rule says so.
A mail of a person in a running series counts as the next follow-up; so does a step that a person skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from caseloop.domain.calendar import Pause, deadline, local_date, working_day_after
from caseloop.domain.facts import Answer, EndedSeries, Facts, OurMail, Series, Verdict
from caseloop.domain.lifecycle import MessageState
from caseloop.domain.policy import Policy
from caseloop.domain.talk import (
    absences,
    begun_anew_at,
    human_answers,
    last_mail_written_at,
    named_days,
    puts_off,
)

DEFERRALS_AT_MOST = 3
DEFERRED_AT_MOST = timedelta(days=30)
NEVER_APPROVED = (MessageState.DRAFT, MessageState.DISCARDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`position` of the series; `since_answer` is what promise P1 bounds; `must_mail`: the next act is no closing.

    `silence` are the mails that have to have arrived, `counted` those of them that count.
    """

    position: int
    since_answer: int
    last_at: datetime | None
    must_mail: bool
    silence: tuple[OurMail, ...] = ()
    counted: tuple[OurMail, ...] = ()


def count(facts: Facts, series: Series, policy: Policy) -> Count:
    """Where the series stands. Mails that were never handed over don't count; unconfirmed and bounced ones do."""
    anchor = anchor_of(facts.mails, series)
    silence = _since(anchor, facts.mails)
    counted = _counted(anchor, silence, series, policy)
    marks = sorted([mail.at for mail in counted] + list(series.skips))
    answers = human_answers(facts)
    answered_at = answers[-1].at if answers else None
    since_answer = [at for at in marks if answered_at is None or at > answered_at]
    return Count(
        position=len(marks),
        since_answer=len(since_answer),
        last_at=max([mail.at for mail in facts.mails] + list(series.skips), default=None),
        must_mail=_has_words_since_our_mail(facts) or _is_older_than_rule(facts, series, policy),
        silence=silence,
        counted=counted,
    )


def counted_mails(mails: tuple[OurMail, ...], series: Series, policy: Policy) -> tuple[OurMail, ...]:
    """The mails that count: those after the anchor, and the anchor where the rule counts the person's mail.

    In an old silence it doesn't count: the series begins with a follow-up of its own (spec 2.13).
    """
    anchor = anchor_of(mails, series)
    return _counted(anchor, _since(anchor, mails), series, policy)


def _counted(
    anchor: OurMail | None, silence: tuple[OurMail, ...], series: Series, policy: Policy
) -> tuple[OurMail, ...]:
    if anchor is None:
        return silence
    is_old = series.is_old_silence and anchor.at <= series.started_at
    return silence if policy.counts_persons_mail and not is_old else silence[1:]


def _since(anchor: OurMail | None, mails: tuple[OurMail, ...]) -> tuple[OurMail, ...]:
    """The anchor and what came after it; whether it counts or not, it has to have arrived."""
    known = tuple(mail for mail in mails if mail.state not in NEVER_APPROVED)
    return known if anchor is None else known[known.index(anchor) :]


def anchor_of(mails: tuple[OurMail, ...], series: Series) -> OurMail | None:
    """What counting begins at: the last mail of a person before the series, or one sent with *count from the start*."""
    since = series.counts_since or series.started_at
    by_persons = [mail for mail in mails if mail.is_by_person and mail.state not in NEVER_APPROVED]
    anchors = [mail for mail in by_persons if mail.at <= since or mail.restarts_count]
    return anchors[-1] if anchors else next(iter(by_persons), None)


def counts_since(
    started_at: datetime,
    ended_series: Sequence[EndedSeries],
    mails: Sequence[OurMail],
    answers: Sequence[Answer],
) -> datetime:
    """The start of the first series that this one continues: a case that left the trigger and came back without a new
    mail of a person, or an answer, goes on counting (spec 2.4)."""
    since = started_at
    for earlier in sorted(ended_series, key=lambda series: series.started_at, reverse=True):
        has_person_written = any(mail.is_by_person and earlier.ended_at < mail.at <= since for mail in mails)
        has_answer = any(earlier.started_at < answer.at <= since for answer in answers)
        if has_person_written or has_answer:
            break
        since = min(since, earlier.started_at)
    return since


def _has_words_since_our_mail(facts: Facts) -> bool:
    """After an answer that the series went on after, or an absence, the next act is a mail (spec 3.7)."""
    written_at = last_mail_written_at(facts)
    moments = [answer.at for answer in human_answers(facts)] + [absence.at for absence in absences(facts)]
    return any(written_at is None or moment >= written_at for moment in moments)


def _is_older_than_rule(facts: Facts, series: Series, policy: Policy) -> bool:
    """Nothing is resolved for a silence that began before the rule was active (spec 2.13)."""
    rule = facts.rule_now
    if rule is None or rule.policy.rule_id != policy.rule_id or series.may_finish:
        return False
    return all(mail.at < rule.activated_at for mail in facts.mails)


def due_at(facts: Facts, policy: Policy, state: Count) -> datetime | None:
    """When the next step is due (UTC); None while an open pause keeps it from coming."""
    if state.last_at is None:
        return None
    begins = max([state.last_at, facts.called_at or state.last_at, *begun_anew_at(facts)])
    moments: list[datetime] = []
    for wait in policy.waits_after(state.position):
        over_at = deadline(begins, wait, facts.calendar, facts.pauses)
        if over_at is None:
            return None
        moments.append(over_at)
    moments += [working_day_after(day, facts.calendar) for day in named_days(facts)]
    return max(moments)


def next_step_due(facts: Facts, policy: Policy, step: int, now: datetime) -> datetime | None:
    """When the step after follow-up number `step` would be due if that one goes out at `now` and stays unanswered."""
    mail = OurMail(message_id=0, at=now, is_by_person=False, state=MessageState.SENT)
    alone = replace(facts, mails=(*facts.mails, mail), answers=(), absences=(), called_at=None)
    return due_at(alone, policy, Count(position=step, since_answer=0, last_at=now, must_mail=False))


def deferrals(facts: Facts, since: datetime | None) -> list[Answer]:
    """The customer's deferrals since then, oldest first; what a person continued is none."""
    return [
        answer
        for answer in human_answers(facts)
        if (since is None or answer.at > since)
        and puts_off(answer)
        and (answer.reading is None or answer.reading.verdict is not Verdict.CONTINUE)
    ]


def is_put_off_too_long(facts: Facts, asked: Sequence[Answer]) -> bool:
    """Whether the deferrals lead, or have led, further than 30 days from the first one (spec 3.7)."""
    if not asked:
        return False
    first_day = local_date(asked[0].at, facts.customer_zone)
    named = [answer.reading.resume_on for answer in asked if answer.reading and answer.reading.resume_on]
    is_too_far = any(day - first_day > DEFERRED_AT_MOST for day in named)
    return is_too_far or asked[-1].at - asked[0].at > DEFERRED_AT_MOST


def paused_until(pauses: tuple[Pause, ...], now: datetime) -> tuple[bool, datetime | None]:
    """Whether a pause is on at `now`, and when the last of those that are on is over (None: open)."""
    on = [pause for pause in pauses if pause.since <= now and (pause.until is None or pause.until > now)]
    if not on:
        return False, None
    ends = [pause.until for pause in on]
    return True, None if None in ends else max(end for end in ends if end is not None)

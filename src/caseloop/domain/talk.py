"""Which words of the customer has nobody dealt with yet, and which of them put the next step off? (spec 3.2, 3.7)

An answer is dealt with by a person: by a mail written after it, once the answer has been opened, or by a verdict
(*continue*, *no reply needed*), which covers everything up to it. A mail of the agent never deals with an answer; the
two may have crossed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from caseloop.domain.calendar import local_date
from caseloop.domain.facts import Absence, Answer, Facts, Label, Source, Verdict
from caseloop.domain.lifecycle import MessageState

LONGEST_PUT_OFF = timedelta(days=366)
"""A date further away than this is a slip of the pen, or of the reader."""

NEVER_LEFT = (MessageState.DRAFT, MessageState.DISCARDED, MessageState.REFUSED)


def human_answers(facts: Facts) -> tuple[Answer, ...]:
    """The answers of the customer's side, oldest first, without what a machine turned out to have written."""
    if not facts.answers:  # as most silent customers have it, and everybody asks
        return ()
    return tuple(answer for answer in facts.answers if not _is_by_machine(answer))


def absences(facts: Facts) -> tuple[Absence, ...]:
    """The absence notices, oldest first, with the answers that turned out to be one."""
    if not (facts.answers or facts.absences):
        return ()
    taken_for_answers = [
        Absence(at=answer.at, resume_on=_resume_on(answer)) for answer in facts.answers if _is_by_machine(answer)
    ]
    return tuple(sorted([*facts.absences, *taken_for_answers], key=lambda absence: absence.at))


def _is_by_machine(answer: Answer) -> bool:
    return answer.reading is not None and answer.reading.label is Label.AUTOMATIC


def open_answers(facts: Facts) -> tuple[Answer, ...]:
    """The answers that no person has dealt with, oldest first; deferrals that are waited for are among them."""
    judged_until = max((_judged_until(answer) for answer in _judged(facts)), default=None)
    return tuple(
        answer
        for answer in human_answers(facts)
        if not (judged_until is not None and answer.at <= judged_until) and not _is_replied_to(facts, answer)
    )


def last_verdict(facts: Facts) -> Verdict | None:
    """What a person decided about the last answers, when no person has written since."""
    judged = [answer for answer in _judged(facts) if not _has_person_written(facts, _judged_until(answer))]
    return _verdict(judged[-1]) if judged else None


def is_overlooked(facts: Facts, answer: Answer) -> bool:
    """Whether a person wrote after the answer, though nobody has opened it: the two may have crossed (spec 3.6)."""
    return not _was_seen(answer) and _has_person_written(facts, answer.at)


def puts_off(answer: Answer) -> bool:
    """Whether the answer asks for time by itself: a deferral of a sender we can be sure of."""
    return answer.is_trusted and answer.reading is not None and answer.reading.label is Label.DEFERRAL


def says_solved(answer: Answer) -> bool:
    """Whether the answer says by itself that it is solved, from a sender we can be sure of."""
    return answer.is_trusted and answer.reading is not None and answer.reading.label is Label.FAVORABLE


def begun_anew_at(facts: Facts) -> list[datetime]:
    """When the wait began anew without a mail of ours: undated deferrals, and the moments of *continue*."""
    continued = [_judged_until(answer) for answer in _judged(facts) if _verdict(answer) is Verdict.CONTINUE]
    return continued + [answer.at for answer in undated(facts, _standing(facts))]


def named_days(facts: Facts) -> list[date]:
    """The days that the customer, or an absence notice after the last answer, put the next step off to."""
    answers = human_answers(facts)
    away = [absence for absence in absences(facts) if not answers or absence.at > answers[-1].at]
    days = [_day_ahead(facts, answer.at, _resume_on(answer)) for answer in _standing(facts)]
    days += [_day_ahead(facts, absence.at, absence.resume_on) for absence in away]
    return [day for day in days if day is not None]


def undated(facts: Facts, answers: list[Answer]) -> list[Answer]:
    """Those that name no day ahead of them."""
    return [answer for answer in answers if _day_ahead(facts, answer.at, _resume_on(answer)) is None]


def last_mail_written_at(facts: Facts) -> datetime | None:
    """When the newest of our mails was decided; what the customer said later still waits for a mail."""
    return max((mail.written_at for mail in facts.mails if mail.state not in NEVER_LEFT), default=None)


def _standing(facts: Facts) -> list[Answer]:
    """The last answers as far as they put off, or were waved through: an answer of another kind ends them."""
    standing: list[Answer] = []
    for answer in reversed(human_answers(facts)):
        if not (puts_off(answer) or _verdict(answer) is Verdict.CONTINUE):
            break
        standing.append(answer)
    return standing


def _day_ahead(facts: Facts, said_at: datetime, day: date | None) -> date | None:
    """The day if it lies ahead of the words, and not absurdly far."""
    if day is None:
        return None
    today = local_date(said_at, facts.customer_zone)
    return day if timedelta(0) < day - today <= LONGEST_PUT_OFF else None


def _is_replied_to(facts: Facts, answer: Answer) -> bool:
    return _was_seen(answer) and _has_person_written(facts, answer.at)


def _was_seen(answer: Answer) -> bool:
    """What was recorded by hand, or pressed on a page of ours, needs no opening."""
    return answer.is_opened or answer.source is not Source.MAIL


def _has_person_written(facts: Facts, since: datetime) -> bool:
    later = (mail for mail in facts.mails if mail.written_at > since)
    return any(mail.is_by_person and mail.state not in NEVER_LEFT for mail in later)


def _judged(facts: Facts) -> list[Answer]:
    return [answer for answer in facts.answers if _verdict(answer) is not None]


def _verdict(answer: Answer) -> Verdict | None:
    return answer.reading.verdict if answer.reading else None


def _judged_until(answer: Answer) -> datetime:
    """A verdict covers what had come in when it was given; when that isn't known, the answer itself."""
    verdict_at = answer.reading.verdict_at if answer.reading else None
    return answer.at if verdict_at is None else max(answer.at, verdict_at)


def _resume_on(answer: Answer) -> date | None:
    return answer.reading.resume_on if answer.reading else None

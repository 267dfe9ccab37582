"""What keeps a series standing still, though the case is still its own? (spec 1.4, 3.2, 3.6, 3.13, 3.14)"""

from __future__ import annotations

from datetime import datetime

from caseloop.domain.actions import AskPerson, Reason, SuggestionKind, Wait
from caseloop.domain.counting import paused_until
from caseloop.domain.facts import Facts
from caseloop.domain.lifecycle import MessageState

IN_FLIGHT = (MessageState.APPROVED, MessageState.SENDING)


def in_flight(facts: Facts) -> Wait | None:
    """A mail on its way is let arrive before anything else is decided."""
    if any(mail.state in IN_FLIGHT for mail in facts.mails):
        return Wait(until=None, reason=Reason.SENDING)
    return None


def promised(facts: Facts) -> AskPerson | None:
    """Our last mail promises something of ours: the next move is not the customer's (spec 3.2)."""
    if facts.mails and facts.mails[-1].promises:
        return AskPerson(
            kind=SuggestionKind.NEEDS_ATTENTION,
            reason=Reason.PROMISED,
            detail=facts.mails[-1].promises,
            ends=True,
        )
    return None


def stands_still(facts: Facts, now: datetime) -> Wait | None:
    """Mail and closings wait for a switch, a doubt, another case of an upset customer, a pause, or a held date."""
    if facts.switches.is_stopped:
        return Wait(until=None, reason=Reason.STOPPED)
    if facts.doubts:
        return Wait(until=None, reason=Reason.DOUBT)
    if facts.contact_is_upset:
        return Wait(until=None, reason=Reason.CONTACT_UPSET)
    is_paused, until = paused_until(facts.pauses, now)
    if is_paused:
        return Wait(until=until, reason=Reason.PAUSED)
    return _held(facts, now)


def _held(facts: Facts, now: datetime) -> Wait | None:
    holds = (
        (facts.hold_until, Reason.HELD),
        (facts.appointment_ends_at, Reason.APPOINTMENT),
        (facts.task_due_at, Reason.OPEN_TASK),
    )
    coming = [(until, reason) for until, reason in holds if until is not None and until > now]
    if not coming:
        return None
    until, reason = max(coming, key=lambda hold: hold[0])
    return Wait(until=until, reason=reason)

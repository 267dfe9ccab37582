"""Did our mails arrive? What did not arrive can't be met with silence (spec 3.8, promise P3)."""

from __future__ import annotations

from caseloop.domain.actions import Action, AskPerson, Reason, SuggestionKind
from caseloop.domain.counting import Count
from caseloop.domain.facts import Facts, Failure, OurMail
from caseloop.domain.lifecycle import MessageState
from caseloop.domain.policy import Policy
from caseloop.domain.talk import absences


def undelivered(facts: Facts, policy: Policy, state: Count) -> Action | None:
    """Whether a person has to look at mails that did not arrive.

    A temporary failure is tried once more: the next follow-up, after its full wait, is that try. A second one, or
    none left to try with, goes to a person; so does everything permanent, refused, or unconfirmed.
    """
    mails = state.silence
    if mails and any(absence.is_gone and absence.at >= mails[0].at for absence in absences(facts)):
        return _person(Reason.GONE)
    for mail in mails:
        reason = _definite(mail)
        if reason is not None:
            return _person(reason)
    if not facts.has_recipient:
        return _person(Reason.NO_ADDRESS)
    temporary = [mail for mail in mails if mail.failure is Failure.TEMPORARY]
    is_last_try_lost = temporary and temporary[-1] is mails[-1] and state.position >= policy.follow_ups
    if len(temporary) > 1 or is_last_try_lost:
        return _person(Reason.UNDELIVERABLE, "temporary")
    return None


def have_all_arrived(state: Count) -> bool:
    """Whether every mail of this silence was accepted and none came back: what every closing asks (P3)."""
    mails = state.silence
    return bool(mails) and all(mail.state is MessageState.SENT and mail.failure is None for mail in mails)


def _definite(mail: OurMail) -> Reason | None:
    if mail.state is MessageState.UNCONFIRMED:
        return Reason.UNCONFIRMED
    if mail.state is MessageState.REFUSED or mail.failure is Failure.REFUSED:
        return Reason.REFUSED
    if mail.failure is Failure.PERMANENT:
        return Reason.UNDELIVERABLE
    if mail.failure is Failure.GONE:
        return Reason.GONE
    return None


def _person(reason: Reason, detail: str = "") -> AskPerson:
    """An unconfirmed mail is looked up meanwhile, so it alone doesn't end the series."""
    ends = reason is not Reason.UNCONFIRMED
    return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=reason, detail=detail, ends=ends)

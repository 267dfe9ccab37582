"""May this mail still go out? Asked inside the claim, right before the hand-over (design 1, spec 2.8, 3.3, P2).

Mails that a person wrote go as they are. A follow-up is decided once more, as if it were not there yet: it goes only
when the answer is the same, the proof of silence is fresh, and its recipients have free slots of the contact budget.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction

from caseloop.cases.activities import record
from caseloop.cases.marking import mark
from caseloop.cases.models.activity import ActivityKind
from caseloop.domain.actions import Action, FollowUp, Proof, ProveSilence, Wait
from caseloop.domain.calendar import local_date
from caseloop.domain.counting import count
from caseloop.domain.decide import decide
from caseloop.domain.facts import Facts
from caseloop.domain.lifecycle import CaseStatus, SuggestionState
from caseloop.domain.silence import prove
from caseloop.followups import slots
from caseloop.followups.gather import Look, World, gather
from caseloop.followups.models import SuggestedAction
from caseloop.followups.objections import objection
from caseloop.followups.suggesting import evidence_of
from caseloop.followups.words import REASONS
from caseloop.followups.writing import closing_date
from caseloop.mail.due import DueMail
from caseloop.mail.last_look import Answer, Drop, Go, NotNow
from caseloop.mail.models import Mailbox
from caseloop.mail.models.message import Origin

log = logging.getLogger(__name__)

ASK_AGAIN_AFTER = timedelta(seconds=2)
ASK_FOR_PROBE_AFTER = timedelta(minutes=1)
"""A reading takes a second; a probe has to be sent, to come back, and may not be sent again for an hour."""
NOT_NOW_AGAIN_AFTER = timedelta(minutes=10)
WORTH_WAITING_FOR = timedelta(hours=1)
"""What has to wait longer is dropped and planned anew: its words and its closing date would be old by then."""
NOTICE_WITHIN = timedelta(days=3)


def last_look(mails: Sequence[DueMail], now: datetime) -> list[Answer]:
    """Go, not now, or drop, for each of the claimed mails in their order; a fixed number of queries for all of them.

    A case that cannot be looked at keeps its own mail back, and nobody else's.
    """
    ours = [m for m in mails if m.origin != Origin.PERSON]
    answers: dict[int, Answer] = {mail.pk: Go(mail.pk) for mail in mails}
    if ours:
        answers |= {answer.message_id: answer for answer in _together_or_alone(ours, now)}
    return [answers[mail.pk] for mail in mails]


def _together_or_alone(mails: Sequence[DueMail], now: datetime) -> list[Answer]:
    try:
        with transaction.atomic():
            return _look(mails, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # the edge of a loop that must go on: one odd case must not stop all sending
        if len(mails) > 1:
            return [answer for mail in mails for answer in _together_or_alone([mail], now)]
        log.exception("message %s cannot be looked at before it is sent", mails[0].pk)
        mark([mails[0].case_id], now)
        return [NotNow(mails[0].pk, now + NOT_NOW_AGAIN_AFTER, f"It cannot be looked at: {error}")]


def _look(mails: Sequence[DueMail], now: datetime) -> list[Answer]:
    world = World.at(now, is_last_look=True)
    desk = _Desk(gather(sorted({m.case_id for m in mails}), now, world), _approvals(mails), world, now)
    verdicts = {mail.pk: _verdict(mail, desk) for mail in mails}
    _give_slots(mails, verdicts, world.settings.contact_budget_hours, now)
    _drop(mails, verdicts, desk)
    _want_reading(desk)
    return list(verdicts.values())


class _Approval(NamedTuple):
    """The suggested action behind a mail."""

    state: str
    step: int | None
    created_at: datetime


def _approvals(mails: Sequence[DueMail]) -> dict[int, _Approval]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, state, step, created_at FROM followups_suggestedaction WHERE message_id = ANY(%s)",
            [[mail.pk for mail in mails]],
        )
        return {message_id: _Approval(*row) for message_id, *row in cursor.fetchall()}


@dataclass(slots=True)
class _Desk:
    """What is known of the cases and approvals behind a claim; `wanted` are mailboxes that have to be read first."""

    looks: Mapping[int, Look]
    approvals: Mapping[int, _Approval]
    world: World
    now: datetime
    wanted: tuple[int, ...] = ()


def _verdict(mail: DueMail, desk: _Desk) -> Answer:
    look = desk.looks.get(mail.case_id)
    if look is None:
        return Drop(mail.pk, "its case is gone")
    if mail.purpose == "closing_notice":
        return _closing_notice(mail, look, desk)
    approval = desk.approvals.get(mail.pk)
    if approval is None or approval.state != SuggestionState.APPROVED.value:
        return Drop(mail.pk, "its approval was taken back")
    facts = look.facts.without_pending(mail.pk)
    verdict = (
        _same_again(mail, decide(facts, look.policy, desk.now), approval, desk)
        if mail.origin == Origin.AUTOMATIC
        else _confirmed(mail, facts, look, approval, desk)
    )
    if isinstance(verdict, Go) and _closes_too_soon(mail, facts, look, desk.now):
        return Drop(mail.pk, "the closing date in it comes too soon")
    return verdict


def _closing_notice(mail: DueMail, look: Look, desk: _Desk) -> Answer:
    """A notice goes while the case is closed and nobody has answered since; it is bound like all automatic mail."""
    facts, now = look.facts, desk.now
    late = facts.answers and facts.resolved_at is not None and facts.answers[-1].at > facts.resolved_at
    if facts.status is not CaseStatus.RESOLVED or late:
        return Drop(mail.pk, "the case is open again")
    if facts.resolved_at is not None and now - facts.resolved_at > NOTICE_WITHIN:
        return Drop(mail.pk, "the closing is too long ago")
    if not desk.world.settings.is_on or desk.world.settings.stopped_at is not None:
        return NotNow(mail.pk, now + NOT_NOW_AGAIN_AFTER, "all sending is stopped")
    if facts.doubts:
        return NotNow(mail.pk, now + NOT_NOW_AGAIN_AFTER, "a mail may answer this case too")
    if any(mailbox.has_unprocessed for mailbox in facts.mailboxes):
        return NotNow(mail.pk, now + ASK_AGAIN_AFTER, "mail that came in is not read yet")
    opens_at = facts.window.next_opening(now, facts.customer_zone)
    if opens_at > now:
        return NotNow(mail.pk, opens_at, "it is outside the sending times")
    return Go(mail.pk)


def _same_again(mail: DueMail, decided: Action, approval: _Approval, desk: _Desk) -> Answer:
    now = desk.now
    match decided:
        case FollowUp(step=step, proof=proof) if step == approval.step:
            return Go(mail.pk, evidence_of(proof))
        case ProveSilence():
            return _proven_first(mail, decided, desk)
        case Wait(until=until, reason=reason) if until is not None and until <= now + WORTH_WAITING_FOR:
            return NotNow(mail.pk, until, REASONS[reason])
        case _:
            return Drop(mail.pk, f"decided anew: {REASONS[decided.reason]}")


def _confirmed(mail: DueMail, facts: Facts, look: Look, approval: _Approval, desk: _Desk) -> Answer:
    """A person approved it; what they could not know is asked here, and silence is proven as for any follow-up."""
    now = desk.now
    why_not = objection(facts, look.policy, approval.step, approval.created_at, now)
    if why_not or facts.series is None or look.policy is None:
        return Drop(mail.pk, why_not)
    state = count(facts, facts.series, look.policy)
    proof = prove(facts, state.last_at or now, now, step=None)
    match proof:
        case Proof():
            return Go(mail.pk, evidence_of(proof))
        case ProveSilence():
            return _proven_first(mail, proof, desk)
        case Wait(until=until):
            return NotNow(mail.pk, until or now + NOT_NOW_AGAIN_AFTER, "the mailbox cannot be read")


def _proven_first(mail: DueMail, asked: ProveSilence, desk: _Desk) -> NotNow:
    """Its mailboxes are read first, or show by a probe that mail still comes in."""
    desk.wanted += asked.mailbox_ids
    after = ASK_FOR_PROBE_AFTER if asked.probe_ids else ASK_AGAIN_AFTER
    return NotNow(mail.pk, desk.now + after, "silence has to be proven again")


def _closes_too_soon(mail: DueMail, facts: Facts, look: Look, now: datetime) -> bool:
    """Whether the customer would have less than the full wait until the closing date that the mail says."""
    if mail.closes_on is None or look.policy is None:
        return False
    if mail.closes_on <= local_date(now, facts.customer_zone):
        return True
    action_step = look.policy.follow_ups
    full = closing_date(facts, look.policy, action_step, now)
    return mail.origin == Origin.AUTOMATIC and full is not None and mail.closes_on < full


def _give_slots(mails: Sequence[DueMail], verdicts: dict[int, Answer], hours: int, now: datetime) -> None:
    """Automatic mails take the slots of their recipients, in the order of the claim, or wait."""
    going = [m for m in mails if m.origin == Origin.AUTOMATIC and isinstance(verdicts[m.pk], Go)]
    granted = slots.take(going, hours, now)
    for mail in going:
        if mail.pk not in granted:
            why = "the customer got an automatic mail lately"
            verdicts[mail.pk] = NotNow(mail.pk, now + NOT_NOW_AGAIN_AFTER, why)


def _drop(mails: Sequence[DueMail], verdicts: Mapping[int, Answer], desk: _Desk) -> None:
    """The suggestion of a dropped mail goes with it; the claim marks its case. Who sent it off finds out why."""
    dropped = [m for m in mails if isinstance(verdicts[m.pk], Drop)]
    if not dropped:
        return
    SuggestedAction.objects.filter(message__in=[m.pk for m in dropped], state=SuggestionState.APPROVED.value).update(
        state=SuggestionState.SUPERSEDED.value, decided_at=desk.now
    )
    for mail in dropped:
        verdict, look = verdicts[mail.pk], desk.looks.get(mail.case_id)
        if look is not None and isinstance(verdict, Drop) and _is_missed(mail):
            why = f"It was not sent: {verdict.why}."
            record(look.case, ActivityKind.SERIES, "Mail not sent", actor=None, now=desk.now, body=why)


def _is_missed(mail: DueMail) -> bool:
    """Whether somebody counts on it: a person sent it off, or the customer was to be told that their case is closed."""
    return mail.origin == Origin.CONFIRMED or mail.purpose == "closing_notice"


def _want_reading(desk: _Desk) -> None:
    """Ask for a positive answer of these mailboxes; their rows are taken in id order."""
    for mailbox_id in sorted(set(desk.wanted)):
        Mailbox.objects.filter(pk=mailbox_id).update(read_wanted_at=desk.now)

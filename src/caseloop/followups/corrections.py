"""A person says what an answer means: what follows from it? (spec 3.6)"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from caseloop.accounts.models import User
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, Resolution
from caseloop.cases.resolving import reopen_case
from caseloop.domain.actions import Reason, SuggestionKind
from caseloop.domain.answering import NEED_A_REPLY
from caseloop.domain.facts import Label
from caseloop.domain.lifecycle import (
    ENROLMENT,
    CaseStatus,
    EnrolmentEvent,
    EnrolmentState,
    SuggestionState,
    move,
)
from caseloop.followups import suggesting
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import Enrolment, Reading, SuggestedAction
from caseloop.followups.verbs import any_case, end_series, lock_open, note
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection, Origin
from caseloop.mail.outgoing import INTERNAL

ENDED_BY_ANSWER = (
    Reason.ANSWERED.value,
    Reason.FAVORABLE.value,
    Reason.UNTRUSTED_ANSWER.value,
    Reason.TOO_MANY_DEFERRALS.value,
    Reason.WRONG_PERSON.value,
    Reason.AWAY.value,
)


@transaction.atomic
def correct_reading(message_id: int, label: Label, *, actor: User, now: datetime) -> Reading:
    """A person says what the mail means; the plan is made anew, and what was read first is kept (spec 3.6)."""
    message = Message.objects.select_related("case").filter(pk=message_id, direction=MessageDirection.IN).first()
    if message is None or message.case is None:
        raise FollowUpError("There is no such mail.")
    case = any_case(message.case.pk, actor)
    reading = Reading.objects.select_for_update().filter(pk=message_id).first()
    if reading is None:
        reading = Reading(message=message, first_label=label.value, confidence=1.0, read_by="person", read_at=now)
    was = Label(reading.label) if reading.label else None
    reading.label = label.value
    reading.corrected_by = actor
    reading.is_wrong_person = False
    reading.is_only_thanks = False
    if label not in (Label.DEFERRAL, Label.AUTOMATIC):
        reading.resume_on = None
    reading.save()
    note(case, f"Reading corrected to {label.value}", actor, now)
    if label in NEED_A_REPLY:
        _hand_to_person(case, message, was, actor, now)
    else:
        _plan_anew(case, now)
    mark([case.pk], now)
    return reading


def _plan_anew(case: Case, now: datetime) -> None:
    """A series that an answer ended runs on, and is decided anew: it ends again if that is what the answers say."""
    if case.status != CaseStatus.ACTIVE:
        return
    suggesting.supersede([case.pk], now, only=[SuggestionKind.REPLY_TO_CUSTOMER], states=[SuggestionState.PROPOSED])
    last = Enrolment.objects.select_for_update(of=("self",)).filter(case=case).order_by("-started_at").first()
    if last is not None and last.state == EnrolmentState.ENDED.value and last.end_reason in ENDED_BY_ANSWER:
        last.state = move(ENROLMENT, EnrolmentState.ENDED, EnrolmentEvent.RESUME).value
        last.ended_at, last.end_reason, last.ended_by = None, "", None
        last.save()


def _hand_to_person(case: Case, message: Message, was: Label | None, actor: User, now: datetime) -> None:
    """The answer wants a reply after all; a case that the agent closed because of the old reading is open again.

    Nothing is asked twice, nor for an answer that somebody has written after.
    """
    if case.status == CaseStatus.RESOLVED and was is Label.FAVORABLE and _was_closed_by_agent(case, message):
        reopen_case(case.pk, f"The answer was not favorable, says {actor}", actor=actor, now=now)
    elif case.status != CaseStatus.ACTIVE or _has_been_answered(case, message):
        return
    open_one = lock_open(case.pk)
    if open_one is not None and open_one.kind == SuggestionKind.REPLY_TO_CUSTOMER.value:
        return
    for series in Enrolment.objects.select_for_update(of=("self",)).filter(case=case, state="running"):
        end_series(series, Reason.ANSWERED.value, User.objects.application_user(), now)
    suggesting.supersede([case.pk], now)
    Case.objects.filter(pk=case.pk).update(next_move="us", updated_at=now)
    SuggestedAction.objects.create(
        case=case,
        kind=SuggestionKind.REPLY_TO_CUSTOMER.value,
        answered_message=message,
        reason=Reason.ANSWERED.value,
        summary="The customer answered. A person has to reply.",
        why=[f"{actor} corrected how the answer was read."],
        created_at=now,
    )


def _was_closed_by_agent(case: Case, message: Message) -> bool:
    last = Resolution.objects.filter(case=case, reopening__isnull=True).order_by("-resolved_at").first()
    return last is not None and last.is_automatic and last.resolved_at >= message.occurred_at


def _has_been_answered(case: Case, message: Message) -> bool:
    ours = Message.objects.filter(case=case, direction=MessageDirection.OUT, origin=Origin.PERSON)
    ours = ours.exclude(letter__contains={"purpose": INTERNAL}).exclude(state__in=["draft", "discarded", "refused"])
    return message.opened_at is not None and ours.filter(approved_at__gt=message.occurred_at).exists()

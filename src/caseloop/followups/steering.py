"""What a person decides about a series: skip, stop, continue, resolve; each verb is one transaction (spec 6.4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from caseloop.accounts.models import User
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, Resolution
from caseloop.cases.resolving import ResolutionDetails, resolve_case
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.facts import Label, Verdict
from caseloop.domain.lifecycle import (
    ENROLMENT,
    EnrolmentEvent,
    EnrolmentState,
    MessageState,
    SuggestionEvent,
    SuggestionState,
    move,
)
from caseloop.followups import suggesting
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import Enrolment, Reading, SuggestedAction
from caseloop.followups.verbs import (
    active_case,
    check_role,
    discard_draft,
    end_series,
    lock_open,
    note,
    running_series,
    set_state,
)
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection, Origin


@transaction.atomic
def skip(case_id: int, *, actor: User, now: datetime) -> SuggestedAction:
    """Skip this one: it counts as a step whose wait begins now, and no mail goes out (spec 6.4)."""
    case = active_case(case_id, actor)
    series = running_series(case)
    open_one = lock_open(case_id)
    _check_nothing_on_its_way(case)
    if open_one is not None and open_one.step is not None:
        discard_draft(open_one)
        if open_one.state == SuggestionState.APPROVED.value:
            set_state(open_one, SuggestionEvent.TAKE_BACK, None, now)
        set_state(open_one, SuggestionEvent.SKIP, actor, now)
        skipped = open_one
    else:
        suggesting.supersede([case_id], now)
        skipped = SuggestedAction.objects.create(
            case=case,
            enrolment=series,
            kind=SuggestionKind.SEND_FOLLOW_UP.value,
            state=SuggestionState.SKIPPED.value,
            rule_name=series.rule.name,
            rule_version=series.rule_version,
            reason="skipped",
            summary="Skipped by a person",
            created_at=now,
            decided_at=now,
            decided_by=actor,
        )
    note(case, "Skipped one follow-up", actor, now)
    mark([case_id], now)
    return skipped


def _check_nothing_on_its_way(case: Case) -> None:
    """A mail of a person, or one that is being or was just handed over, is a step by itself; the assistant's next one
    isn't yet."""
    going = Message.objects.filter(case=case, direction=MessageDirection.OUT).filter(
        Q(state=MessageState.SENDING.value)
        | Q(state=MessageState.SENT.value, action__state=SuggestionState.APPROVED.value)
        | (Q(state=MessageState.APPROVED.value) & ~Q(origin=Origin.AUTOMATIC))
    )
    if going.exists():
        raise FollowUpError("A mail is being sent already. Take it back first, or wait until it has gone.")


@transaction.atomic
def stop(case_id: int, *, actor: User, now: datetime) -> None:
    """Stop follow-ups: the series ends and doesn't begin again before our next mail (spec 2.5)."""
    case = active_case(case_id, actor)
    series = running_series(case)
    end_series(series, "ended_by_person", actor, now)
    suggesting.supersede([case_id], now)
    note(case, "Follow-ups stopped", actor, now)
    mark([case_id], now)


@transaction.atomic
def continue_follow_ups(case_id: int, *, actor: User, now: datetime) -> Enrolment:
    """After an answer: the ended series runs on, with a full wait from that answer."""
    case = active_case(case_id, actor)
    series = Enrolment.objects.select_for_update().filter(case=case).order_by("-started_at").first()
    if series is None:
        raise FollowUpError("This case has had no series that could go on.")
    if series.state == EnrolmentState.ENDED.value:
        series.state = move(ENROLMENT, EnrolmentState.ENDED, EnrolmentEvent.RESUME).value
        series.ended_at, series.end_reason, series.ended_by = None, "", None
        series.save()
    _give_verdict(case, Verdict.CONTINUE, actor, now)
    Case.objects.filter(pk=case_id).update(next_move="customer", updated_at=now)
    suggesting.supersede([case_id], now)
    note(case, "Follow-ups continue", actor, now)
    mark([case_id], now)
    return series


@transaction.atomic
def no_reply_needed(case_id: int, *, actor: User, now: datetime) -> None:
    """The answer needs no reply of ours; the card goes, and the next move stays where it is."""
    case = active_case(case_id, actor)
    _give_verdict(case, Verdict.NO_REPLY_NEEDED, actor, now)
    suggesting.supersede([case_id], now)
    note(case, "No reply needed", actor, now)
    mark([case_id], now)


def _give_verdict(case: Case, verdict: Verdict, actor: User, now: datetime) -> None:
    """On the newest human mail of the case; one that nobody has read yet gets the reading *unclear*."""
    message = (
        Message.objects.filter(case=case, direction=MessageDirection.IN, kind__in=["human", "unreadable"])
        .order_by("-occurred_at")
        .first()
    )
    if message is None:
        raise FollowUpError("There is no mail of the customer on this case.")
    Reading.objects.get_or_create(
        message=message,
        defaults={
            "label": Label.UNCLEAR.value,
            "first_label": Label.UNCLEAR.value,
            "confidence": 0.0,
            "read_by": "nobody",
            "read_at": now,
        },
    )
    Reading.objects.filter(message=message).update(verdict=verdict.value, verdict_by=actor, verdict_at=now)


@transaction.atomic
def resolve(case_id: int, details: ResolutionDetails, *, actor: User, now: datetime) -> Resolution:
    """A person resolves the case; in the same act its series ends, and what was suggested is done or gone (spec 6.6).

    Raises `CannotResolve` with every blocker, `CaseError` when there is no such case, `NotAllowed` for an auditor; then
    nothing has changed.
    """
    check_role(actor)
    made = resolve_case(case_id, details, actor=actor, now=now)
    rows = SuggestedAction.objects.filter(case_id=case_id, state__in=suggesting.OPEN)
    rows.filter(kind=SuggestionKind.RESOLVE_CASE.value).update(
        state=SuggestionState.DONE.value, decided_by=actor, decided_at=now, done_at=now
    )
    suggesting.supersede([case_id], now)
    for series in Enrolment.objects.select_for_update().filter(case_id=case_id, state="running"):
        end_series(series, "not_active", actor, now)
    return made

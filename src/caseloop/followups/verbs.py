"""What do the verbs of people have in common? The locked case, its open suggestion, its running series."""

from __future__ import annotations

from datetime import datetime

from caseloop.accounts.models import User
from caseloop.cases.activities import record
from caseloop.cases.errors import NotAllowed
from caseloop.cases.models import Case
from caseloop.cases.models.activity import ActivityKind
from caseloop.domain.lifecycle import (
    ENROLMENT,
    SUGGESTION,
    CaseStatus,
    EnrolmentEvent,
    EnrolmentState,
    IllegalMove,
    MessageState,
    SuggestionEvent,
    SuggestionState,
    move,
)
from caseloop.followups import suggesting
from caseloop.followups.errors import FollowUpError
from caseloop.followups.locking import lock_cases
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import Message


def open_action(action_id: int, actor: User) -> SuggestedAction:
    """The open suggestion, locked after its case, as the loop and the claim of mails lock them."""
    check_role(actor)
    case_id = SuggestedAction.objects.filter(pk=action_id).values_list("case_id", flat=True).first()
    lock_cases([case_id] if case_id else [])
    action = (
        SuggestedAction.objects.select_for_update(of=("self",))
        .select_related("case", "message")
        .filter(pk=action_id)
        .first()
    )
    if action is None:
        raise FollowUpError("There is no such suggestion.")
    if action.state not in suggesting.OPEN:
        raise FollowUpError(f"This suggestion is {action.state} already. Load the page again to see what is next.")
    return action


def check_role(actor: User) -> None:
    """Raises `NotAllowed` for an auditor."""
    if not actor.may_work:
        raise NotAllowed("An auditor reads everything and changes nothing. Ask a representative or a manager.")


def any_case(case_id: int, actor: User) -> Case:
    """The case, locked, whatever its status."""
    check_role(actor)
    case = Case.objects.filter(pk=case_id).first() if lock_cases([case_id]) else None
    if case is None:
        raise FollowUpError("There is no such case.")
    return case


def active_case(case_id: int, actor: User) -> Case:
    """The case, locked; raises `FollowUpError` for one that is not active."""
    case = any_case(case_id, actor)
    if case.status != CaseStatus.ACTIVE:
        raise FollowUpError(f"This case is {case.status}.")
    return case


def running_series(case: Case) -> Enrolment:
    """The running series, locked; raises `FollowUpError` when there is none."""
    series = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("rule")
        .filter(case=case, state="running")
        .first()
    )
    if series is None:
        raise FollowUpError("No series is running on this case.")
    return series


def lock_open(case_id: int) -> SuggestedAction | None:
    """The open suggestion of a case, locked, if there is one."""
    rows = SuggestedAction.objects.select_for_update(of=("self",)).filter(case_id=case_id, state__in=suggesting.OPEN)
    return rows.first()


def set_state(action: SuggestedAction, event: SuggestionEvent, actor: User | None, now: datetime) -> None:
    """Move the suggestion on; `actor` is who decided, None when the decision was taken back."""
    try:
        action.state = move(SUGGESTION, SuggestionState(action.state), event).value
    except IllegalMove as error:
        raise FollowUpError(str(error)) from error
    action.decided_by, action.decided_at = actor, now if actor else None
    action.save(update_fields=["state", "decided_by", "decided_at"])


def discard_draft(action: SuggestedAction) -> None:
    """The unsent mail of the suggestion is never sent."""
    unsent = [MessageState.DRAFT.value, MessageState.APPROVED.value]
    Message.objects.filter(action=action, state__in=unsent).update(state=MessageState.DISCARDED.value)


def end_series(series: Enrolment, reason: str, actor: User, now: datetime) -> None:
    """The series is over, and whose decision that was."""
    series.state = move(ENROLMENT, EnrolmentState(series.state), EnrolmentEvent.END).value
    series.ended_at, series.end_reason, series.ended_by = now, reason, actor
    series.save(update_fields=["state", "ended_at", "end_reason", "ended_by"])


def note(case: Case, subject: str, actor: User, now: datetime) -> None:
    """A line in the timeline."""
    record(case, ActivityKind.SERIES, subject, actor=actor, now=now)

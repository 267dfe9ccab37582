"""What does Sofia do in the story? She answers first mails, and in office hours approves what is suggested."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from caseloop.accounts.models import User
from caseloop.cases.changes import assign, move_to_queue
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Case, Queue, StatusReason
from caseloop.cases.resolving import ResolutionDetails
from caseloop.demo.cast import OFFICE, Customer
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.lifecycle import SuggestionState
from caseloop.followups import approvals
from caseloop.followups.by_hand import Typed, send_by_hand
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import Message
from caseloop.mail.opening import mark_opened

FOLLOW_UPS = (SuggestionKind.SEND_FOLLOW_UP, SuggestionKind.SEND_NEXT_FOLLOW_UP)
BEGINS, ENDS = time(9), time(18)


def sofia() -> User:
    return User.objects.get(username="sofia")


def take(case: Case, customer: Customer, now: datetime) -> None:
    """Jonas gives the case to Sofia, in the queue where it belongs."""
    jonas = User.objects.get(username="jonas")
    move_to_queue(case.pk, Queue.objects.get(name=customer.queue), actor=jonas, now=now)
    assign(case.pk, sofia(), actor=jonas, now=now)


def answer(case: Case, customer: Customer, now: datetime) -> None:
    """Sofia opens the customer's mail, answers it, and puts the case on hold with the same press."""
    mark_opened(Message.objects.filter(case=case, direction="in").values_list("pk", flat=True), now)
    typed = Typed(
        to=(customer.address,),
        subject=f"Re: {case.title}",
        body=customer.answer,
        sets_status_reason=StatusReason.objects.get(key="on_hold"),
    )
    send_by_hand(Case.objects.select_related("contact").get(pk=case.pk), typed, author=sofia(), now=now)


def work(now: datetime) -> None:
    """In office hours, Sofia sends what was drafted for her cases and resolves what is suggested.

    What asks for her words (*Reply to customer*) or her judgment (*Needs attention*) she leaves to whoever reads on.
    """
    if not is_at_work(now):
        return
    open_ones = SuggestedAction.objects.filter(state=SuggestionState.PROPOSED.value, case__owner=sofia())
    for action in open_ones.order_by("created_at", "pk"):
        try:
            _do(action, now)
        except (FollowUpError, CaseError):
            continue  # somebody was faster, or the customer wrote meanwhile: then it stays as it is


def is_at_work(now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(OFFICE))
    return local.weekday() < 5 and BEGINS <= local.time() < ENDS


def next_morning(now: datetime) -> datetime:
    """When Sofia's next working day begins."""
    local = now.astimezone(ZoneInfo(OFFICE))
    day = local.date()
    while True:
        morning = datetime.combine(day, BEGINS, ZoneInfo(OFFICE))
        if morning > local and morning.weekday() < 5:
            return morning
        day += timedelta(days=1)


@transaction.atomic
def _do(action: SuggestedAction, now: datetime) -> None:
    if action.kind in FOLLOW_UPS and action.message_id is not None:
        approvals.approve(action.pk, actor=sofia(), now=now)
    elif action.kind == SuggestionKind.RESOLVE_CASE:
        details = ResolutionDetails(
            status_reason=StatusReason.objects.get(key="no_response"),
            text="The customer did not answer our mails.",
            remarks=action.summary,
        )
        approvals.resolve(action.case_id, details, actor=sofia(), now=now)

"""*Does this mail answer this case too?* A person's answer lifts the hold (spec 3.14)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from caseloop.accounts.models import User
from caseloop.cases.activities import record
from caseloop.cases.errors import NotAllowed
from caseloop.cases.marking import mark
from caseloop.cases.models import Case
from caseloop.cases.models.activity import ActivityKind
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.lifecycle import CaseStatus
from caseloop.followups import suggesting
from caseloop.followups.errors import FollowUpError
from caseloop.followups.locking import lock_cases
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import MailDoubt
from caseloop.mail.models.doubt import DoubtAnswer
from caseloop.mail.moving import move_mail

SAID = {
    DoubtAnswer.YES: "A mail was said to answer this case too",
    DoubtAnswer.NO: "A mail was said not to concern this case",
    DoubtAnswer.MOVED: "A mail was moved here",
}


@transaction.atomic
def answer(doubt_id: int, said: str, *, actor: User, now: datetime) -> MailDoubt:
    """Yes: it is an answer of this case too. No: the hold is lifted. Moved: the mail belongs here, not where it was."""
    if not actor.may_work:
        raise NotAllowed("An auditor reads everything and changes nothing. Ask a representative or a manager.")
    choice = DoubtAnswer(said)
    _lock(doubt_id)
    rows = MailDoubt.objects.select_for_update(of=("self",)).select_related("message", "case")
    doubt = rows.filter(pk=doubt_id).first()
    if doubt is None:
        raise FollowUpError("There is no such question.")
    if doubt.answer:
        raise FollowUpError(f"This was answered already: {doubt.get_answer_display()}.")
    doubt.answer, doubt.answered_at, doubt.answered_by = choice.value, now, actor
    doubt.save(update_fields=["answer", "answered_at", "answered_by"])
    if choice is DoubtAnswer.MOVED:
        _move(doubt, now)
    if choice is not DoubtAnswer.NO and doubt.case.status == CaseStatus.ACTIVE:
        Case.objects.filter(pk=doubt.case_id).update(next_move="us", updated_at=now)
    record(doubt.case, ActivityKind.CHANGE, SAID[choice], actor=actor, now=now)
    mark([doubt.case_id], now)
    return doubt


def _lock(doubt_id: int) -> None:
    """Both cases, in id order, before the question itself."""
    found = MailDoubt.objects.filter(pk=doubt_id).values_list("case_id", "message__case_id").first()
    lock_cases(case_id for case_id in found or () if case_id)


def _move(doubt: MailDoubt, now: datetime) -> None:
    """The mail answers this case and not the one it was filed to: that one waits for its customer again, and nobody is
    asked to reply to the mail there."""
    left = move_mail(doubt.message, doubt.case, now)
    if left is None:
        return
    asked = SuggestedAction.objects.filter(case_id=left, answered_message=doubt.message_id, state__in=suggesting.OPEN)
    if asked.exists():
        suggesting.supersede([left], now, only=[SuggestionKind.REPLY_TO_CUSTOMER])

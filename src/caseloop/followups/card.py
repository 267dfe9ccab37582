"""What does the Suggested actions card say? (spec 6.4)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseloop.cases.models import Case
from caseloop.domain.actions import Reason, SuggestionKind
from caseloop.domain.facts import Label
from caseloop.domain.lifecycle import SuggestionState
from caseloop.followups.models import Reading, SuggestedAction
from caseloop.mail.models import Message

HEADINGS = {
    SuggestionKind.SEND_FOLLOW_UP: "Send follow-up",
    SuggestionKind.SEND_NEXT_FOLLOW_UP: "Send next follow-up",
    SuggestionKind.REPLY_TO_CUSTOMER: "Reply to customer",
    SuggestionKind.RESOLVE_CASE: "Resolve case",
    SuggestionKind.NEEDS_ATTENTION: "Needs attention",
}
LABELS = {
    Label.FAVORABLE: "Favorable",
    Label.NEGATIVE: "Negative",
    Label.QUESTION: "Question",
    Label.INFORMATION: "Information",
    Label.DEFERRAL: "More time",
    Label.AUTOMATIC: "Automatic",
    Label.UNCLEAR: "Unclear",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One suggestion as it is shown; `reading` is what the answered mail was read as."""

    action: SuggestedAction
    heading: str
    steps: int
    can_be_taken_back: bool
    answered: Message | None
    reading: Reading | None
    corrections: list[tuple[str, str]]
    is_follow_up: bool
    is_reply: bool
    is_resolve: bool
    mends_address: bool
    mends_fields: bool


def card_of(case: Case, now: datetime) -> Card | None:
    """The card of this case, or None when nobody is asked for anything; one query."""
    action = (
        SuggestedAction.objects.filter(
            case=case, state__in=[SuggestionState.PROPOSED.value, SuggestionState.APPROVED.value]
        )
        .select_related("message", "answered_message__reading", "enrolment", "decided_by")
        .first()
    )
    if action is None or (action.state == SuggestionState.APPROVED and not _is_by_person(action)):
        return None
    kind = SuggestionKind(action.kind)
    answered = action.answered_message
    reading = getattr(answered, "reading", None)
    return Card(
        action=action,
        heading=HEADINGS[kind],
        steps=steps_of(action),
        can_be_taken_back=_can_be_taken_back(action, now),
        answered=answered,
        reading=reading,
        corrections=[(label.value, name) for label, name in LABELS.items() if not reading or label != reading.label],
        is_follow_up=kind in (SuggestionKind.SEND_FOLLOW_UP, SuggestionKind.SEND_NEXT_FOLLOW_UP),
        is_reply=kind is SuggestionKind.REPLY_TO_CUSTOMER,
        is_resolve=kind is SuggestionKind.RESOLVE_CASE,
        mends_address=action.reason in MENDED_BY_ADDRESS,
        mends_fields=action.reason == Reason.BLOCKED,
    )


MENDED_BY_ADDRESS = (
    Reason.UNDELIVERABLE.value,
    Reason.GONE.value,
    Reason.NO_ADDRESS.value,
    Reason.WRONG_PERSON.value,
)


def heading(action: SuggestedAction) -> str:
    """What the editor of its draft is called: "Follow-up 2 of 3", "Reply to customer"."""
    if action.step is None:
        return HEADINGS[SuggestionKind(action.kind)]
    steps = steps_of(action)
    return f"Follow-up {action.step}" + (f" of {steps}" if steps else "")


def steps_of(action: SuggestedAction) -> int:
    """How many follow-ups its series has; 0 without one."""
    policy: dict[str, Any] = action.enrolment.policy if action.enrolment else {}
    return int(policy.get("follow_ups", 0))


def _is_by_person(action: SuggestedAction) -> bool:
    return action.decided_by is not None and not action.decided_by.is_application_user


def _can_be_taken_back(action: SuggestedAction, now: datetime) -> bool:
    message = action.message
    return bool(message and message.state == "approved")

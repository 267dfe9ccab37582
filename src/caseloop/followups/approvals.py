"""What a person decides about a suggested action; each verb is one transaction (spec 6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.assistant.builtin.promises import BuiltinMailJudge
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, StatusReason
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.calendar import local_date
from caseloop.domain.lifecycle import (
    MESSAGE,
    MessageEvent,
    MessageState,
    SuggestionEvent,
    SuggestionState,
    move,
)
from caseloop.followups.corrections import correct_reading as correct_reading
from caseloop.followups.errors import CustomerWroteMeanwhile, FollowUpError
from caseloop.followups.framing import frame
from caseloop.followups.gather import gather
from caseloop.followups.models import SuggestedAction
from caseloop.followups.objections import WROTE, objection
from caseloop.followups.steering import continue_follow_ups as continue_follow_ups
from caseloop.followups.steering import no_reply_needed as no_reply_needed
from caseloop.followups.steering import resolve as resolve
from caseloop.followups.steering import skip as skip
from caseloop.followups.steering import stop as stop
from caseloop.followups.verbs import discard_draft, note, open_action, set_state
from caseloop.letters.render import letter_from_words
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection, Origin
from caseloop.mail.opening import mark_opened
from caseloop.mail.outgoing import INTERNAL, check_addresses, clean_addresses, reaches_customer, subject_with_number
from caseloop.mail.threads import thread_of

UNDO = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A draft as a person changed it; `body` is light text, without signature and footer."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    body: str


@transaction.atomic
def approve(
    action_id: int,
    *,
    actor: User,
    now: datetime,
    edited: Edited | None = None,
    sets_status_reason: StatusReason | None = None,
    undo_for: timedelta = timedelta(0),
) -> Message:
    """The draft goes out as the person read it; the last look still comes before the hand-over.

    Raises `CustomerWroteMeanwhile` for a follow-up when an answer came after it was drafted, `FollowUpError` when it
    may not go out for another reason, `MailError` for recipients that are none.
    """
    action = open_action(action_id, actor)
    message = action.message
    if message is None or message.state != MessageState.DRAFT.value:
        raise FollowUpError("There is no draft to send. Load the page again.")
    _check_nobody_wrote(action)
    _check_may_go(action, message, now)
    if edited is not None:
        _apply(edited, message, action.case, actor)
    if message.origin == Origin.AUTOMATIC:  # taken back from the assistant, and sent by a person after all
        message.origin = Origin.CONFIRMED
    message.state = move(MESSAGE, MessageState(message.state), MessageEvent.APPROVE).value
    message.author = actor
    message.approved_at = now
    message.occurred_at = now
    message.not_before = now + undo_for
    if message.origin == Origin.PERSON:
        promise = BuiltinMailJudge().promises_something(message.new_text or message.text)
        message.promises = promise.words[:300] if promise else ""
    if sets_status_reason is not None:
        message.sets_status_reason = sets_status_reason
    message.save()
    if action.answered_message_id is not None:
        mark_opened([action.answered_message_id], now)
    set_state(action, SuggestionEvent.APPROVE, actor, now)
    mark([action.case_id], now)
    return message


def _check_may_go(action: SuggestedAction, message: Message, now: datetime) -> None:
    """The same questions as in the last look, while the person is still there to be told."""
    if message.origin == Origin.PERSON:
        return
    look = gather([action.case_id], now)[action.case_id]
    if message.closes_on is not None and message.closes_on <= local_date(now, look.facts.customer_zone):
        raise FollowUpError("The closing date in this draft has come. Discard the draft and write a new one.")
    facts = look.facts.without_pending(message.pk)
    why_not = objection(facts, look.policy, action.step, action.created_at, now)
    if why_not == WROTE:
        raise CustomerWroteMeanwhile("The customer wrote, so a follow-up may not go out. Reply to that instead.")
    if why_not:
        raise FollowUpError(f"This follow-up may not go out: {why_not}. Load the page again to see what is next.")


def _check_nobody_wrote(action: SuggestedAction) -> None:
    if action.kind == SuggestionKind.REPLY_TO_CUSTOMER.value:
        return
    wrote = Message.objects.filter(
        case_id=action.case_id,
        direction=MessageDirection.IN,
        kind__in=["human", "unreadable"],
        occurred_at__gt=action.created_at,
    )
    if wrote.exists():
        raise CustomerWroteMeanwhile(
            "The customer wrote after this draft was made, so a follow-up may not go out. Reply to that mail instead."
        )


def _apply(edited: Edited, message: Message, case: Case, actor: User) -> None:
    to, cc = clean_addresses(edited.to), clean_addresses(edited.cc)
    cc = [address for address in cc if address not in to]
    check_addresses([*to, *cc])
    allowed = {address.lower() for address in (*message.to_addresses, *message.cc_addresses)}
    added = [address for address in (*to, *cc) if address not in allowed]
    if added and message.origin != Origin.PERSON:
        raise FollowUpError(f"A follow-up goes to nobody new; take out {', '.join(added)}.")
    if not to:
        raise FollowUpError("The mail has no recipient.")
    if not edited.body.strip():
        raise FollowUpError("The mail is empty.")
    by_person = message.origin == Origin.PERSON
    around = frame(
        case, thread_of(case).previous, GlobalSettings.current(), signed_by=str(actor), sent_by_person=by_person
    )
    letter = letter_from_words(edited.subject, edited.body, message.language or "en", around)
    message.to_addresses, message.cc_addresses = to, cc
    message.subject = subject_with_number(letter.subject, case.number)
    message.text, message.html = letter.text, letter.html
    purpose = {} if not by_person or reaches_customer(case, [*to, *cc]) else {"purpose": INTERNAL}
    message.letter = {**message.letter, "body": edited.body, "edited": True, **purpose}


@transaction.atomic
def take_back(action_id: int, *, actor: User, now: datetime) -> SuggestedAction:
    """Undo: an approved mail that has not begun to go out is a draft again."""
    action = open_action(action_id, actor)
    if action.message is not None and action.message.origin == Origin.AUTOMATIC:
        raise FollowUpError(
            "The assistant sends this mail by itself. Hold the case, skip this one, or stop follow-ups."
        )
    changed = Message.objects.filter(action=action, state=MessageState.APPROVED.value).update(
        state=MessageState.DRAFT.value, approved_at=None, not_before=None
    )
    if not changed:
        raise FollowUpError("It is too late to take this mail back: it is being sent or was sent.")
    set_state(action, SuggestionEvent.TAKE_BACK, None, now)
    mark([action.case_id], now)
    return action


@transaction.atomic
def discard(action_id: int, *, actor: User, now: datetime) -> SuggestedAction:
    """Throw away the draft only: the suggestion stays without one. One that has no draft goes itself (spec 6.4)."""
    action = open_action(action_id, actor)
    if action.state == SuggestionState.APPROVED.value:
        raise FollowUpError("This mail was sent off already. Take it back first.")
    if action.message_id is None:
        set_state(action, SuggestionEvent.DISCARD, actor, now)
        note(action.case, "Suggestion dismissed", actor, now)
        mark([action.case_id], now)  # what still has to be done is suggested again: no case is forgotten
        return action
    discard_draft(action)
    action.message = None
    action.save(update_fields=["message"])
    note(action.case, "Draft discarded", actor, now)
    return action


@transaction.atomic
def complete(action_id: int, *, actor: User, now: datetime) -> SuggestedAction:
    """*Needs attention* was attended to; the case is looked at anew."""
    action = open_action(action_id, actor)
    if action.state == SuggestionState.APPROVED.value:
        raise FollowUpError("This mail was sent off already. Take it back first.")
    discard_draft(action)
    set_state(action, SuggestionEvent.PERFORM, actor, now)
    SuggestedAction.objects.filter(pk=action.pk).update(done_at=now)
    mark([action.case_id], now)
    return action

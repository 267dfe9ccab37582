"""Drafts and suggested actions as rows: the same road for what a person reviews and what the agent approves at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from caseloop.accounts.models import User
from caseloop.database.copying import insert
from caseloop.database.loading import new
from caseloop.database.lookups import Many
from caseloop.domain.actions import (
    AskForReply,
    AskPerson,
    FollowUp,
    PrepareDraft,
    Proof,
    SuggestionKind,
)
from caseloop.domain.lifecycle import MessageState, SuggestionState
from caseloop.followups.models import SuggestedAction
from caseloop.followups.planned import Planned
from caseloop.followups.words import stop_words, summary, why_words
from caseloop.mail.compose import new_message_id
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection, Origin
from caseloop.mail.outgoing import subject_with_number

OPEN = [SuggestionState.PROPOSED.value, SuggestionState.APPROVED.value]


def follow_ups(plans: Sequence[Planned], agent: User, now: datetime) -> None:
    """Follow-ups: approved by the application user at once, or drafted for a person."""
    if not plans:
        return
    supersede([plan.look.case.id for plan in plans], now)
    messages = [_message(plan, agent, now) for plan in plans]
    insert(messages)
    actions = []
    for plan, message in zip(plans, messages, strict=True):
        action = plan.action
        assert isinstance(action, FollowUp | PrepareDraft)
        automatic = isinstance(action, FollowUp)
        kind = SuggestionKind.SEND_FOLLOW_UP if isinstance(action, FollowUp) else action.kind
        actions.append(
            action_row(
                plan,
                kind,
                now,
                step=action.step,
                message=message,
                evidence=evidence_of(action.proof),
                state=SuggestionState.APPROVED if automatic else SuggestionState.PROPOSED,
                decided_by=agent if automatic else None,
                decided_at=now if automatic else None,
            )
        )
    insert(actions)


def _message(plan: Planned, agent: User, now: datetime) -> Message:
    automatic = isinstance(plan.action, FollowUp)
    return mail_of(
        plan,
        author=agent if automatic else None,
        origin=Origin.AUTOMATIC if automatic else Origin.CONFIRMED,
        state=MessageState.APPROVED if automatic else MessageState.DRAFT,
        now=now,
        sets_status_reason_id=plan.look.policy.status_after_step_id if plan.look.policy else None,
    )


def mail_of(
    plan: Planned,
    *,
    author: User | None,
    origin: Origin,
    state: MessageState,
    now: datetime,
    sets_status_reason_id: int | None = None,
) -> Message:
    """The row of a mail that the assistant wrote for this plan; not saved."""
    written, thread, mailbox = plan.written, plan.thread, plan.mailbox
    assert written is not None
    assert thread is not None
    assert mailbox is not None
    is_approved = state is MessageState.APPROVED
    return new(
        Message,
        case_id=plan.look.case.id,
        mailbox_id=mailbox.pk,
        direction=MessageDirection.OUT,
        state=state.value,
        origin=origin,
        author_id=author.pk if author else None,
        message_id=new_message_id(mailbox.address.rpartition("@")[2]),
        in_reply_to=thread.in_reply_to,
        references=list(thread.references),
        from_address=mailbox.address,
        from_name=mailbox.sender_name,
        to_addresses=list(thread.recipients.to),
        cc_addresses=list(thread.recipients.cc),
        subject=subject_with_number(written.letter.subject, plan.look.case.number),
        text=written.letter.text,
        html=written.letter.html,
        language=written.language,
        letter={**written.source, "body": written.letter.body},
        closes_on=written.closes_on,
        sets_status_reason_id=sets_status_reason_id,
        occurred_at=now,
        approved_at=now if is_approved else None,
        not_before=now if is_approved else None,
    )


def questions(plans: Sequence[Planned], agent: User, now: datetime) -> None:
    """*Reply to customer*, *Resolve case* and *Needs attention*; one that is open already stays as it is."""
    new = [plan for plan in plans if not _is_asked(plan)]
    supersede([plan.look.case.id for plan in new], now)
    drafts = {
        plan.look.case.id: mail_of(plan, author=None, origin=Origin.PERSON, state=MessageState.DRAFT, now=now)
        for plan in new
        if plan.can_write
    }
    if drafts:
        insert(list(drafts.values()))
    if new:
        insert([_question(plan, drafts.get(plan.look.case.id), now) for plan in new])


def _is_asked(plan: Planned) -> bool:
    open_one = plan.look.facts.suggestion
    return open_one is not None and open_one.kind is _kind(plan) and open_one.reason == plan.action.reason.value


def _kind(plan: Planned) -> SuggestionKind:
    action = plan.action
    assert isinstance(action, AskForReply | AskPerson)
    return SuggestionKind.REPLY_TO_CUSTOMER if isinstance(action, AskForReply) else action.kind


def _question(plan: Planned, message: Message | None, now: datetime) -> SuggestedAction:
    action = plan.action
    return action_row(
        plan,
        _kind(plan),
        now,
        message=message,
        evidence=evidence_of(action.proof) if isinstance(action, AskPerson) and action.proof else {},
        answered_message_id=action.message_id if isinstance(action, AskForReply) else None,
    )


def action_row(
    plan: Planned,
    kind: SuggestionKind,
    now: datetime,
    *,
    evidence: dict[str, Any],
    step: int | None = None,
    message: Message | None = None,
    answered_message_id: int | None = None,
    state: SuggestionState = SuggestionState.PROPOSED,
    decided_by: User | None = None,
    decided_at: datetime | None = None,
) -> SuggestedAction:
    action, policy = plan.action, plan.look.policy
    return new(
        SuggestedAction,
        case_id=plan.look.case.id,
        enrolment_id=plan.look.enrolment.pk if plan.look.enrolment else None,
        kind=kind.value,
        state=state.value,
        step=step,
        message_id=message.pk if message else None,
        answered_message_id=answered_message_id,
        summary=summary(plan.look, action, now),
        rule_name=policy.name if policy else str(plan.look.rule_now or ""),
        rule_version=policy.version if policy else None,
        reason=action.reason.value,
        why=why_words(plan.look, action),
        evidence=evidence,
        would_stop=stop_words(action),
        created_at=now,
        decided_by_id=decided_by.pk if decided_by else None,
        decided_at=decided_at,
    )


def evidence_of(proof: Proof) -> dict[str, Any]:
    """The proof of silence as it is kept with the act (spec 3.3)."""
    return {
        "deadline": proof.deadline.isoformat(),
        "read_through": {address: at.isoformat() for address, at in proof.read_through},
    }


def supersede(
    case_ids: Iterable[int],
    now: datetime,
    only: Sequence[SuggestionKind] = tuple(SuggestionKind),
    states: Sequence[SuggestionState] = (SuggestionState.PROPOSED, SuggestionState.APPROVED),
    made_until: datetime | None = None,
) -> None:
    """Open suggestions of these cases go, and their unsent drafts with them; the caller has locked the cases.

    What a person has written and sent off goes out all the same (nobody's mail is lost in silence), and so does a mail
    that is being handed over: its action is done when it was sent.
    """
    ids = list(case_ids)
    if not ids:
        return
    rows = SuggestedAction.objects.filter(
        case_id__any_of=Many(ids), state__in=[s.value for s in states], kind__in=[k.value for k in only]
    )
    if made_until is not None:
        rows = rows.filter(created_at__lte=made_until)
    found = list(rows.values_list("pk", "message_id"))
    if not found:
        return
    SuggestedAction.objects.filter(pk__any_of=[pk for pk, _ in found]).update(
        state=SuggestionState.SUPERSEDED.value, decided_at=now
    )
    unsent = Q(state=MessageState.DRAFT.value) | (Q(state=MessageState.APPROVED.value) & ~Q(origin=Origin.PERSON))
    Message.objects.filter(unsent, pk__any_of=[message_id for _, message_id in found if message_id]).update(
        state=MessageState.DISCARDED.value
    )

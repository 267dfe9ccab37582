"""Suggested actions: what waits for a person, and what the person decides (spec 6.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.lookup import reason_for
from caseloop.api.messages import LONGEST_UNDO
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import Refused, existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Id, Input, Named, named
from caseloop.cases.case_views import mine_or_unowned
from caseloop.cases.visibility import visible_cases
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.lifecycle import SuggestionState
from caseloop.followups import approvals
from caseloop.followups.card import heading, steps_of
from caseloop.followups.feedback import rate
from caseloop.followups.models import SuggestedAction

routes = Routes("Suggested actions")
OPEN = (SuggestionState.PROPOSED.value, SuggestionState.APPROVED.value)


class DraftSaid(BaseModel):
    """The mail that approving sends."""

    message_id: int = Field(description="Id of the mail.")
    state: str = Field(description="draft, or what has become of it.")
    to: list[str] = Field(description="Addresses in To.")
    cc: list[str] = Field(description="Addresses in Cc.")
    subject: str = Field(description="The subject.")
    body: str = Field(description="The text to edit, without signature and footer.")
    language: str = Field(description="Its language, like de, or empty.")
    not_before: datetime | None = Field(description="When approved: it can be withdrawn until then (UTC).")


class ActionSaid(BaseModel):
    """What the assistant suggests, or did; with its reasons."""

    id: int = Field(description="Its id.")
    case_number: str = Field(description="The case.")
    case_title: str = Field(description="What the case is about.")
    owner: Named | None = Field(description="The owner of the case; null is its team.")
    kind: str = Field(
        description="send_follow_up, send_next_follow_up, reply_to_customer, resolve_case or needs_attention."
    )
    heading: str = Field(description="What the card says above it.")
    state: str = Field(description="proposed, approved, done, discarded, skipped or superseded.")
    step: int | None = Field(description="The number of the follow-up.")
    steps: int = Field(description="How many follow-ups the series has; 0 without one.")
    summary: str = Field(description="What is known, in a sentence or two.")
    reason: str = Field(description="The reason, as a word for programs.")
    why: list[Any] = Field(description="The facts it rests on, one sentence each.")
    would_stop: list[Any] = Field(description="What would stop it, one sentence each.")
    evidence: dict[str, Any] = Field(description="The proof of silence it rests on; times are ISO 8601.")
    rule_name: str = Field(description="The rule it comes from, or empty.")
    rule_version: int | None = Field(description="That rule's version.")
    draft: DraftSaid | None = Field(description="The mail that approving sends.")
    answered_message_id: int | None = Field(description="Id of the customer's mail that it is about.")
    created_at: datetime = Field(description="When it was suggested (UTC).")
    decided_by: Named | None = Field(description="Who decided.")
    decided_at: datetime | None = Field(description="When (UTC).")
    done_at: datetime | None = Field(description="When it was done (UTC).")
    thumbs: int = Field(description="What people think of it: 1, -1, or 0.")
    comment: str = Field(description="Their comment, or empty.")


class ActionFilters(Paging):
    whose: Literal["mine", "all"] = Field(
        default="mine",
        description="mine: on your cases and your queues' without an owner; all: on every case you may see.",
    )
    state: Literal["open", "proposed", "approved", "done", "discarded", "skipped", "superseded"] = Field(
        default="open", description="open is proposed and approved."
    )
    kind: SuggestionKind | None = Field(default=None, description="Only of this kind.")


class Edit(Input):
    """The draft as you want it, whole."""

    to: list[str] = Field(min_length=1, max_length=50, description="Addresses; a follow-up goes to nobody new.")
    cc: list[str] = Field(default_factory=list, max_length=50, description="Addresses; nobody new.")
    subject: str = Field(max_length=900, description="The subject.")
    body: str = Field(min_length=1, max_length=100_000, description="The text, without signature and footer.")


class ApprovalInput(Input):
    edit: Edit | None = Field(
        default=None, description="The draft as you want it; without one it goes out as it stands."
    )
    sets_status_reason_id: Id | None = Field(
        default=None, description="The status reason that sending it sets, in one act."
    )
    undo_seconds: int = Field(
        default=10, strict=True, ge=0, le=LONGEST_UNDO, description="Seconds in which it can be withdrawn, 0 to 600."
    )


class FeedbackInput(Input):
    thumbs: Literal[-1, 0, 1] = Field(description="1 up, -1 down, 0 neither.")
    comment: str = Field(default="", max_length=2000, description="Why; an empty one leaves the former comment.")


@routes.get("/suggested-actions", PageOf[ActionSaid], Scope.CASES_READ)
def list_suggested_actions(request: WorkspaceRequest, filters: Query[ActionFilters]) -> PageOf[ActionSaid]:
    """List suggested actions, the open ones of yours unless you ask for others. The oldest comes first."""
    cases = visible_cases(request.user)
    if filters.whose == "mine":
        cases = mine_or_unowned(cases, request.user)
    states = OPEN if filters.state == "open" else (filters.state,)
    rows = _rows().filter(case__in=cases, state__in=states)
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    return page_of(rows.order_by("created_at", "pk"), filters, _said)


@routes.get("/suggested-actions/{int:action_id}", ActionSaid, Scope.CASES_READ)
def get_suggested_action(request: WorkspaceRequest, action_id: int) -> ActionSaid:
    """Get one suggested action, with its reasons and its draft."""
    return _said(_seen(request, action_id))


@routes.post("/suggested-actions/{int:action_id}/approval", ActionSaid, Scope.MAIL_WRITE)
def approve(request: WorkspaceRequest, action_id: int, approval: ApprovalInput | None = None) -> ActionSaid:
    """Approve a draft, as it stands or as you edit it. It goes out; 409 when the customer wrote after it was made."""
    said = approval or ApprovalInput()
    action = _open(request, action_id)
    chosen = said.sets_status_reason_id
    edited = None
    if said.edit is not None:
        edit = said.edit
        edited = approvals.Edited(to=tuple(edit.to), cc=tuple(edit.cc), subject=edit.subject, body=edit.body)
    approvals.approve(
        action.pk,
        actor=request.user,
        now=request.now,
        edited=edited,
        sets_status_reason=reason_for(chosen, "sets_status_reason_id") if chosen else None,
        undo_for=timedelta(seconds=said.undo_seconds),
    )
    return _said(_seen(request, action_id))


@routes.post("/suggested-actions/{int:action_id}/withdrawal", ActionSaid, Scope.MAIL_WRITE)
def take_back(request: WorkspaceRequest, action_id: int) -> ActionSaid:
    """Take an approval back. The mail is a draft again, unless it has begun to go out."""
    approvals.take_back(_open(request, action_id).pk, actor=request.user, now=request.now)
    return _said(_seen(request, action_id))


@routes.post("/suggested-actions/{int:action_id}/discard", ActionSaid, Scope.CASES_WRITE)
def discard(request: WorkspaceRequest, action_id: int) -> ActionSaid:
    """Throw away the draft. A suggestion without one goes itself; the series goes on."""
    approvals.discard(_open(request, action_id).pk, actor=request.user, now=request.now)
    return _said(_seen(request, action_id))


@routes.post("/suggested-actions/{int:action_id}/completion", ActionSaid, Scope.CASES_WRITE)
def complete(request: WorkspaceRequest, action_id: int) -> ActionSaid:
    """Say that a suggestion was attended to. The case is looked at anew."""
    approvals.complete(_open(request, action_id).pk, actor=request.user, now=request.now)
    return _said(_seen(request, action_id))


@routes.post("/suggested-actions/{int:action_id}/feedback", ActionSaid, Scope.CASES_WRITE)
def give_feedback(request: WorkspaceRequest, action_id: int, feedback: FeedbackInput) -> ActionSaid:
    """Say what you think of a suggestion. The last word counts."""
    rate(_seen(request, action_id).pk, feedback.thumbs, feedback.comment, actor=request.user)
    return _said(_seen(request, action_id))


def _rows() -> QuerySet[SuggestedAction]:
    return SuggestedAction.objects.select_related("case__owner", "enrolment", "message", "decided_by")


def _seen(request: WorkspaceRequest, action_id: int) -> SuggestedAction:
    rows = _rows().filter(case__in=visible_cases(request.user))
    return existing(rows.filter(pk=action_id).first(), f"suggested action {action_id}")


def _open(request: WorkspaceRequest, action_id: int) -> SuggestedAction:
    action = _seen(request, action_id)
    if action.state not in OPEN:
        raise Refused(409, "illegal_move", f"This suggestion is {action.state} already. Ask for the case's next one.")
    return action


PLAIN = (
    *("id", "kind", "state", "step", "summary", "reason", "why", "would_stop", "evidence", "rule_name"),
    *("rule_version", "answered_message_id", "created_at", "decided_at", "done_at", "thumbs", "comment"),
)


def _said(row: SuggestedAction) -> ActionSaid:
    plain = {name: getattr(row, name) for name in PLAIN}
    return ActionSaid(
        **plain,
        case_number=row.case.number,
        case_title=row.case.title,
        owner=named(row.case.owner),
        heading=heading(row),
        steps=steps_of(row),
        draft=_draft(row),
        decided_by=named(row.decided_by),
    )


def _draft(row: SuggestedAction) -> DraftSaid | None:
    mail = row.message
    if mail is None:
        return None
    return DraftSaid(
        message_id=mail.pk,
        state=mail.state,
        to=mail.to_addresses,
        cc=mail.cc_addresses,
        subject=mail.subject,
        body=mail.letter.get("body", mail.text),
        language=mail.language,
        not_before=mail.not_before,
    )

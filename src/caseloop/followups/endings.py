"""How a series leads to the end of a case, and how a late answer brings it back (spec 3.4, 3.10)."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from caseloop.accounts.models import User
from caseloop.cases import changes, resolving
from caseloop.cases.activities import Line, record_lines
from caseloop.cases.errors import CaseError
from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case, Resolution, StatusReason
from caseloop.cases.models.activity import ANSWER_KINDS, ActivityKind, Direction
from caseloop.database.copying import insert
from caseloop.database.lookups import Many
from caseloop.domain.actions import (
    AskPerson,
    OpenLinkedCase,
    Reason,
    Reopen,
    Resolve,
    SuggestionKind,
)
from caseloop.domain.decide import decide
from caseloop.domain.lifecycle import MessageState, SuggestionState
from caseloop.followups import suggesting
from caseloop.followups.gather import Look, World, gather
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.followups.planned import Planned
from caseloop.followups.words import resolution_words
from caseloop.mail.models import Message
from caseloop.mail.models.message import MessageDirection, Origin
from caseloop.mail.moving import move_mail

log = logging.getLogger(__name__)

NO_NOTICE = "the closing notice cannot be written"


def owes_notice(plan: Planned) -> bool:
    """Whether the customer is to be told that their case is closed, in words that have to be there before it is."""
    policy = plan.look.policy
    return bool(policy and policy.sends_closing_notice and not _closing(plan).is_favorable)


def confirmed(plans: Sequence[Planned], now: datetime) -> list[Planned]:
    """The same plans, of the closings among them those that the facts of this very moment allow; what has to be looked
    at anew is marked. The caller holds the cases' locks and the leases of their reviews.

    Rules, switches, protections and proof are read anew, at the time of the act: what was decided a moment ago was
    decided without the locks (spec 2.8, 3.3, P2).
    """
    closings = [plan.look.case.id for plan in plans if isinstance(plan.action, Resolve)]
    if not closings:
        return list(plans)
    looks = gather(closings, now, World.at(now))
    found = [_confirmed(plan, looks, now) if isinstance(plan.action, Resolve) else plan for plan in plans]
    mark([plan.look.case.id for plan, same in zip(plans, found, strict=True) if same is None], now)
    return [plan for plan in found if plan is not None]


def _confirmed(plan: Planned, looks: Mapping[int, Look], now: datetime) -> Planned | None:
    look = looks.get(plan.look.case.id)
    action = decide(look.facts, look.policy, now) if look else None
    if look is None or not isinstance(action, Resolve) or action.is_favorable != _closing(plan).is_favorable:
        return None
    return replace(plan, look=look, action=action)


def resolve(plans: Sequence[Planned], agent: User, now: datetime) -> None:
    """Resolve each case: all or nothing, else a person is asked.

    For plans that were made, or confirmed, under the cases' locks; the caller sets when they are looked at next.
    """
    blocked = {plan.look.case.id: NO_NOTICE for plan in plans if owes_notice(plan) and not plan.can_write}
    by_case = {plan.look.case.id: plan for plan in plans}
    free = {case_id: plan for case_id, plan in by_case.items() if case_id not in blocked}
    if free:
        blocked |= _resolve(free, agent, now)
    if blocked:
        _ask([(by_case[case_id], blocked[case_id]) for case_id in sorted(blocked)], agent, now)


def _closing(plan: Planned) -> Resolve:
    assert isinstance(plan.action, Resolve)
    return plan.action


def _resolve(closings: Mapping[int, Planned], agent: User, now: datetime) -> dict[int, str]:
    """The cases with all that belongs to it, in one go; what blocks the others is returned."""
    done = resolving.resolve_cases(_details(closings), actor=agent, now=now)
    if done.made:
        suggesting.supersede(done.made, now)
        resolved = {case_id: closings[case_id] for case_id in done.made}
        rows = [_record(each, done.made[case_id], agent, now) for case_id, each in resolved.items()]
        insert(rows)
        _end_series(resolved.values(), agent, now)
        insert([_notice(each, agent, now) for each in resolved.values() if each.can_write])
        lines = [Line(row.case_id, "Series ended", row.summary) for row in rows]
        record_lines(lines, ActivityKind.SERIES, actor=agent, now=now)
    return {case_id: "; ".join(blockers) for case_id, blockers in done.blocked.items()}


def _ask(blocked: Sequence[tuple[Planned, str]], agent: User, now: datetime) -> None:
    asked = []
    for plan, blocked_by in blocked:
        ask = AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.BLOCKED, detail=blocked_by)
        asked.append(Planned(look=plan.look, action=ask))
    suggesting.questions(asked, agent, now)


def _details(closings: Mapping[int, Planned]) -> dict[int, resolving.ResolutionDetails]:
    """What the rule says, else *Problem Solved* when the customer said so and *No Response* when they said nothing."""
    of_rules = {_reason_of_rule(each) for each in closings.values()}
    usual = {_usual_reason(each) for each in closings.values()}
    reasons = list(StatusReason.objects.filter(Q(pk__any_of=Many(of_rules)) | Q(key__any_of=Many(usual))))
    by_id, by_key = {reason.pk: reason for reason in reasons}, {reason.key: reason for reason in reasons}
    return {
        case_id: resolving.ResolutionDetails(
            status_reason=by_id.get(_reason_of_rule(each) or 0) or by_key[_usual_reason(each)],
            text=resolution_words(each.look, _closing(each)),
        )
        for case_id, each in closings.items()
    }


def _reason_of_rule(plan: Planned) -> int | None:
    return plan.look.policy.status_at_resolve_id if plan.look.policy else None


def _usual_reason(plan: Planned) -> str:
    return "problem_solved" if _closing(plan).is_favorable else "no_response"


def _record(plan: Planned, resolution: Resolution, agent: User, now: datetime) -> SuggestedAction:
    row = suggesting.action_row(
        plan,
        SuggestionKind.RESOLVE_CASE,
        now,
        evidence=suggesting.evidence_of(_closing(plan).proof),
        state=SuggestionState.DONE,
        decided_by=agent,
        decided_at=now,
    )
    row.resolution_id = resolution.pk
    row.done_at = now
    return row


def _end_series(closings: Iterable[Planned], agent: User, now: datetime) -> None:
    by_reason: dict[Reason, list[int]] = defaultdict(list)
    for each in closings:
        if each.look.enrolment is not None:
            by_reason[each.action.reason].append(each.look.enrolment.pk)
    for reason, ids in by_reason.items():
        Enrolment.objects.filter(pk__any_of=Many(ids), state="running").update(
            state="ended", ended_at=now, end_reason=f"resolved_{reason.value}", ended_by=agent
        )


def _notice(plan: Planned, agent: User, now: datetime) -> Message:
    """The closing notice goes out after the resolution; it is no follow-up (spec 3.4, P1)."""
    approved = MessageState.APPROVED
    notice = suggesting.mail_of(plan, author=agent, origin=Origin.AUTOMATIC, state=approved, now=now)
    notice.letter = {**notice.letter, "purpose": "closing_notice"}
    return notice


def bring_back(plan: Planned, agent: User, now: datetime) -> None:
    """Reopen the case, or open one that follows it, and hand the answer to a person."""
    action = plan.action
    assert isinstance(action, Reopen | OpenLinkedCase)
    case = plan.look.case
    try:
        with transaction.atomic():
            if isinstance(action, Reopen):
                target = resolving.reopen_case(case.pk, "The customer answered", actor=agent, now=now)
            else:
                target = _linked_case(plan, agent, now)
            suggesting.supersede([case.pk], now)
            SuggestedAction.objects.create(
                case=target,
                kind=SuggestionKind.REPLY_TO_CUSTOMER.value,
                state=SuggestionState.PROPOSED.value,
                answered_message_id=action.message_id,
                summary="The customer answered after the case was resolved.",
                reason=Reason.LATE_ANSWER.value,
                why=["A human answer came in after the resolution."],
                created_at=now,
            )
    except CaseError as error:
        log.warning("case %s cannot be brought back: %s", case.pk, error)
        ask = AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.LATE_ANSWER, detail=str(error), ends=False)
        suggesting.questions([Planned(look=plan.look, action=ask)], agent, now)


def _linked_case(plan: Planned, agent: User, now: datetime) -> Case:
    """A case that follows the old one, and gets everything that the customer said since that one was resolved."""
    case, since = plan.look.case, plan.look.facts.resolved_at
    new = changes.NewCase(title=case.title, queue=case.queue, contact=case.contact, owner=case.owner, follows=case)
    target = changes.create_case(new, actor=agent, now=now)
    late = Message.objects.filter(case=case, direction=MessageDirection.IN, occurred_at__gt=since)
    for message in late.filter(kind__in=["human", "unreadable"]).order_by("pk"):
        move_mail(message, target, now)
    said = Activity.objects.filter(case=case, kind__in=ANSWER_KINDS, direction=Direction.IN, occurred_at__gt=since)
    said.update(case=target)
    return target


def set_status_reason(case_id: int, reason_id: int, agent: User, now: datetime) -> None:
    """The status reason that a rule sets when the customer answers; a forbidden move is told, not forced."""
    reason = StatusReason.objects.get(pk=reason_id)
    try:
        with transaction.atomic():
            changes.set_status_reason(case_id, reason, actor=agent, now=now)
    except CaseError as error:
        Activity.objects.create(
            case_id=case_id,
            kind=ActivityKind.CHANGE,
            subject="Status reason not set",
            body=str(error),
            actor=agent,
            is_automatic=True,
            occurred_at=now,
        )

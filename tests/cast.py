"""Cases as pages show them: with mails, a series, a suggestion, a reading, a doubt. Rows as the loop would leave them.

Sofia's cases with Anna, on Monday 23 November 2026 at 10:14 UTC; every helper takes the moment it is about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from caseloop.cases.activities import record
from caseloop.cases.models import Case, CaseReview, StatusReason
from caseloop.cases.models.activity import ActivityKind, Direction
from caseloop.followups.models import Enrolment, Reading, Rule, SuggestedAction
from caseloop.followups.policies import freeze
from caseloop.mail.models import Message
from tests import factories

DAY = timedelta(days=1)
DRAFT = "Dear Anna,\n\ncould you try the new firmware? A short answer is enough."


def mail_out(case: Case, at: datetime, text: str = "Please try firmware 4.2.1.", **fields: Any) -> Message:
    """A mail of ours that was accepted, with its line in the timeline; written by the owner unless `author` says who."""
    author = fields.pop("author", case.owner)
    activity = record(case, ActivityKind.EMAIL, case.title, actor=author, now=at, direction=Direction.OUT)
    fields = {"origin": "person", **fields}
    message = _message(case, "out", at, text, activity=activity, author=author, state="sent", sent_at=at, **fields)
    Case.objects.filter(pk=case.pk).update(last_outbound_at=at, next_move="customer")
    return message


def mail_in(case: Case, at: datetime, text: str = "It still jams.", label: str = "", **fields: Any) -> Message:
    """A mail of Anna's, unread; with a `label` it was read as that."""
    activity = record(case, ActivityKind.EMAIL, case.title, actor=None, now=at, direction=Direction.IN)
    fields = {"kind": "human", "is_trusted": True, "match": "reference", **fields}
    message = _message(case, "in", at, text, activity=activity, new_text=text, **fields)
    if label:
        Reading.objects.create(
            message=message,
            label=label,
            first_label=label,
            confidence=0.94,
            words=[text[:40]],
            read_by="builtin",
            read_at=at,
        )
    Case.objects.filter(pk=case.pk).update(last_inbound_at=at, next_move="us")
    return message


def rule(name: str = "Contoso Coffee follow-up and closure", level: str = "confirm", **fields: Any) -> Rule:
    """An active rule: three follow-ups, two days each, for cases on hold."""
    known = Rule.objects.filter(name=name).first()
    defaults = {
        "position": Rule.objects.count() + 1,
        "level": level,
        "waits": ["2 days"] * 3,
        "conditions": {"all": [{"field": "title", "operator": "contains", "value": "Contoso Coffee"}]},
        "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
        "state": "active",
        "activated_at": datetime.fromisoformat("2026-11-01T08:00:00+00:00"),
        **fields,
    }
    return known or Rule.objects.create(name=name, **defaults)


def series(case: Case, at: datetime, of: Rule | None = None) -> Enrolment:
    """The case has been going through the rule since `at`."""
    of = of or rule()
    policy = freeze(of, None, at).policy
    CaseReview.objects.update_or_create(case=case, defaults={"review_at": at + 2 * DAY})
    return Enrolment.objects.create(case=case, rule=of, rule_version=of.version, policy=policy, started_at=at)


def suggested_follow_up(
    case: Case, at: datetime, enrolment: Enrolment, step: int = 2, **fields: Any
) -> SuggestedAction:
    """*Send follow-up* with a draft that waits for Sofia."""
    draft = _message(
        case,
        "out",
        at,
        DRAFT,
        state="draft",
        origin="confirmed",
        language="en",
        letter={"body": DRAFT, "why": "the rule’s template"},
    )
    return _suggestion(
        case,
        at,
        enrolment,
        "send_next_follow_up",
        step=step,
        message=draft,
        reason="silent",
        summary="Anna Löwenherz has not answered since our mail of Thu 19 Nov 2026. Next is follow-up 2.",
        **fields,
    )


def suggested_reply(
    case: Case, at: datetime, enrolment: Enrolment | None, answer: Message, **fields: Any
) -> SuggestedAction:
    """*Reply to customer*, without a draft."""
    return _suggestion(
        case,
        at,
        enrolment,
        "reply_to_customer",
        answered_message=answer,
        reason="answered",
        summary="Anna Löwenherz answered. A person has to reply.",
        **fields,
    )


def suggested_resolution(case: Case, at: datetime, enrolment: Enrolment | None, **fields: Any) -> SuggestedAction:
    return _suggestion(
        case,
        at,
        enrolment,
        "resolve_case",
        reason="silent",
        summary="Anna Löwenherz has not answered 3 mails.",
        **fields,
    )


def _suggestion(case: Case, at: datetime, enrolment: Enrolment | None, kind: str, **fields: Any) -> SuggestedAction:
    return SuggestedAction.objects.create(
        case=case,
        enrolment=enrolment,
        kind=kind,
        rule_name=enrolment.rule.name if enrolment else "",
        rule_version=enrolment.rule_version if enrolment else None,
        why=["Rule “Contoso Coffee follow-up and closure”, with confirmation, version 1", "Status reason is On Hold"],
        created_at=at,
        **fields,
    )


def _message(case: Case, direction: str, at: datetime, text: str, **fields: Any) -> Message:
    ours, theirs = factories.mailbox(), (case.contact.address if case.contact else "anna@cafe.example")
    is_in = direction == "in"
    defaults: dict[str, Any] = {
        "case": case,
        "mailbox": ours,
        "direction": direction,
        "message_id": f"<{uuid4().hex}@contoso.example>",
        "from_address": theirs if is_in else ours.address,
        "from_name": str(case.contact or "") if is_in else "Contoso Support",
        "to_addresses": [ours.address if is_in else theirs],
        "subject": f"Re: {case.title} [{case.number}]",
        "text": text,
        "occurred_at": at,
    }
    return Message.objects.create(**(defaults | fields))

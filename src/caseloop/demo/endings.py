"""How did each case of the story end, and is that how it should have ended?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from caseloop.cases.case_views import says_solved
from caseloop.cases.models import Case, ContactAddress, Resolution
from caseloop.demo.cast import APPLICATION_USER, MAILBOX, Acts, Customer
from caseloop.demo.mail_store import home_of
from caseloop.demo.mail_system import AcceptedMail, MailSystem
from caseloop.demo.representative import sofia
from caseloop.domain.lifecycle import CaseStatus
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import Message
from caseloop.mail.models.message import Origin

WAIT = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One case at the end of the story, as anyone can find it in the tables and on the mail server."""

    title: str
    level: str
    customer: str
    outcome: str
    agent_mails: int
    resolved: bool
    resolved_by: str | None
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "problems"}


@dataclass(frozen=True, slots=True)
class Expected:
    """How the story says that a case ends."""

    outcome: str
    agent_mails: int
    resolved: bool = False


EXPECTED = {
    Acts.SILENT: Expected("no_response", 2, resolved=True),
    Acts.FAVORABLE: Expected("customer_says_solved", 1),
    Acts.NEGATIVE: Expected("reply_to_customer", 1),
    Acts.OUT_OF_OFFICE: Expected("no_response", 2, resolved=True),
    Acts.BOUNCE: Expected("needs_attention", 1),
}


def endings(customers: Sequence[Customer], mail: MailSystem) -> list[Ending]:
    """The ending of each customer's case, with what is wrong about it."""
    return [_ending(customer, mail) for customer in customers]


def _ending(customer: Customer, mail: MailSystem) -> Ending:
    case = Case.objects.filter(title=customer.title, contact__addresses__address=customer.address).first()
    if case is None:
        return Ending(
            title=customer.title,
            level=customer.level,
            customer=customer.acts.value,
            outcome="no_case",
            agent_mails=0,
            resolved=False,
            resolved_by=None,
            problems=["the customer's mail opened no case"],
        )
    resolution = Resolution.objects.filter(case=case).select_related("resolved_by", "status_reason").last()
    handed_over = agent_mails_to(customer, mail.accepted)
    found = Ending(
        title=case.title,
        level=customer.level,
        customer=customer.acts.value,
        outcome=_outcome(case, resolution),
        agent_mails=len(handed_over),
        resolved=case.status == CaseStatus.RESOLVED.value,
        resolved_by=str(resolution.resolved_by) if resolution else None,
    )
    found.problems.extend(_problems(found, customer, case, resolution, handed_over))
    return found


def agent_mails_to(customer: Customer, accepted: Sequence[AcceptedMail]) -> list[datetime]:
    """When the mail server took each mail to the customer that no person wrote."""
    to_customer = [(each, _message_id(each.raw)) for each in accepted if _is_ours(each) and _reaches(each, customer)]
    by_people = set(
        Message.objects.filter(
            direction="out", message_id__in=[key for _, key in to_customer], origin=Origin.PERSON
        ).values_list("message_id", flat=True)
    )
    return [each.at for each, key in to_customer if key not in by_people]


def _is_ours(mail: AcceptedMail) -> bool:
    return home_of(mail.envelope_from) == MAILBOX


def _reaches(mail: AcceptedMail, customer: Customer) -> bool:
    return customer.address in [recipient.lower() for recipient in mail.recipients]


def _message_id(raw: bytes) -> str:
    return str(message_from_bytes(raw.partition(b"\r\n\r\n")[0]).get("Message-ID", "")).strip()


def _outcome(case: Case, resolution: Resolution | None) -> str:
    if case.status == CaseStatus.RESOLVED.value and resolution is not None:
        return resolution.status_reason.key or resolution.status_reason.name
    if case.status != CaseStatus.ACTIVE.value:
        return case.status
    asked = SuggestedAction.objects.filter(case=case, state="proposed").first()
    if asked is not None:
        return asked.kind
    if says_solved(Case.objects.filter(pk=case.pk), sofia()).exists():
        return "customer_says_solved"
    return "still_running" if Enrolment.objects.filter(case=case, state="running").exists() else "ended"


def _problems(
    found: Ending, customer: Customer, case: Case, resolution: Resolution | None, handed_over: list[datetime]
) -> list[str]:
    expected = EXPECTED[customer.acts]
    problems = []
    if found.outcome != expected.outcome:
        problems.append(f"it ended as {found.outcome}, not as {expected.outcome}")
    if found.agent_mails != expected.agent_mails:
        problems.append(f"the mail server took {found.agent_mails} mails of the agent, not {expected.agent_mails}")
    if found.resolved != expected.resolved:
        problems.append("it is resolved" if found.resolved else "it is not resolved")
    by = _who_resolves(customer) if expected.resolved else None
    if found.resolved == expected.resolved and found.resolved_by != by:
        problems.append(f"it was resolved by {found.resolved_by}, not by {by}")
    problems += _too_early(case, resolution, handed_over)
    if customer.acts is Acts.BOUNCE and not _is_marked(customer):
        problems.append("the dead address is not marked")
    if customer.acts is Acts.OUT_OF_OFFICE:
        problems += _during_absence(customer, case, resolution, handed_over)
    return problems


def _who_resolves(customer: Customer) -> str:
    return APPLICATION_USER if customer.level == "full" else str(sofia())


def _too_early(case: Case, resolution: Resolution | None, handed_over: list[datetime]) -> list[str]:
    """Two mails within one wait, or a closing before the last wait was over (promise P1, spec 2.4)."""
    own = Message.objects.filter(case=case, origin=Origin.PERSON, state="sent").values_list("sent_at", flat=True)
    moments = sorted([at for at in own if at is not None] + handed_over)
    if resolution is not None:
        moments.append(resolution.resolved_at)
    tolerance = timedelta(seconds=5)  # between the hand-over and its record
    early = any(later - earlier < WAIT - tolerance for earlier, later in pairwise(moments))
    return ["something came before the wait of 48 hours was over"] if early else []


def _is_marked(customer: Customer) -> bool:
    return ContactAddress.objects.filter(address=customer.address, undeliverable_since__isnull=False).exists()


def _during_absence(
    customer: Customer, case: Case, resolution: Resolution | None, handed_over: list[datetime]
) -> list[str]:
    notice = Message.objects.filter(case=case, direction="in", kind="automatic", resume_on__isnull=False).first()
    if notice is None or notice.resume_on is None:
        return ["the date of the absence was not read"]
    zone = ZoneInfo(customer.zone)
    later = [at for at in handed_over if at > notice.occurred_at]
    if any(at.astimezone(zone).date() <= notice.resume_on for at in later):
        return ["a mail went out before the customer was back"]
    if resolution is not None and not later:
        return ["it was closed after an absence without another mail"]
    return []

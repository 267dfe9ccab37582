"""What does the customer's mailbox say about our side of the thread: what is next, and how the last answer was read?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from caseloop.accounts.models import User
from caseloop.cases.models import Case, Resolution
from caseloop.cases.visibility import visible_cases
from caseloop.demo.cast import Customer
from caseloop.domain.lifecycle import CaseStatus
from caseloop.followups.models import SuggestedAction
from caseloop.followups.plan import Plan, plan_of
from caseloop.mail.models import Message


@dataclass(frozen=True, slots=True)
class OurSide:
    """The customer's newest case as the reader may see it; `asked` waits for a person, `answer` came in last."""

    case: Case
    plan: Plan | None
    asked: SuggestedAction | None
    answer: Message | None
    resolution: Resolution | None

    def mark(self) -> tuple[object, ...]:
        """Changes whenever something of it changes."""
        steps = [step.state for step in self.plan.steps] if self.plan else []
        reading = getattr(self.answer, "reading", None)
        return (
            self.case.pk,
            self.case.version,
            self.plan and (self.plan.title, self.plan.at, self.plan.reason),
            steps,
            self.asked and (self.asked.pk, self.asked.state),
            self.answer and self.answer.pk,
            reading and reading.label,
        )


def our_side(customer: Customer, reader: User, now: datetime) -> OurSide | None:
    """None until the customer's first mail has opened a case."""
    cases = visible_cases(reader).filter(contact__addresses__address=customer.address)
    case = cases.select_related("contact", "status_reason", "owner").order_by("-pk").first()
    if case is None:
        return None
    is_active = case.status == CaseStatus.ACTIVE.value
    answers = Message.objects.filter(case=case, direction="in", in_reply_to__gt="").select_related("reading")
    resolutions = Resolution.objects.filter(case=case).select_related("status_reason", "resolved_by")
    return OurSide(
        case=case,
        plan=plan_of(case, now) if is_active else None,
        asked=SuggestedAction.objects.filter(case=case, state="proposed").first(),
        answer=answers.order_by("-occurred_at").first(),
        resolution=None if is_active else resolutions.order_by("-resolved_at").first(),
    )

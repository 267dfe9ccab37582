"""Cases: the list, one of them with its plan, a new one, and changes of its fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from ninja import Query
from pydantic import AfterValidator, BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.case_words import CaseAlone, CaseSaid, alone, said, said_rows
from caseloop.api.lookup import case_of, owner_for, queue_for
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import referenced
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Id, Input, Words
from caseloop.cases import changes
from caseloop.cases.case_views import BY_KEY, matching
from caseloop.cases.models import Case
from caseloop.cases.visibility import visible_cases, visible_contacts
from caseloop.followups.plan import plan_of

routes = Routes("Cases")
Priority = Literal["low", "normal", "high"]
View = Literal["mine", "needs-me", "unread", "queues", "waiting", "solved", "resolved", "all"]


def _titled(text: str) -> str:
    if not text.strip():
        raise ValueError("a case needs a title.")
    return text


Title = Annotated[str, Field(max_length=300), AfterValidator(_titled)]


class CaseFilters(Paging):
    view: View = Field(default="all", description="A view of the case list; the default is all that you may see.")
    q: Words = Field(
        default="", description="Words in number, title, contact, address or organization; case doesn't matter."
    )
    status: Literal["active", "resolved", "cancelled"] | None = Field(default=None, description="Only of this status.")
    status_reason_id: int | None = Field(default=None, description="Only with this status reason.")
    queue_id: int | None = Field(default=None, description="Only of this queue.")
    owner_id: int | None = Field(default=None, description="Only of this owner.")
    contact_id: int | None = Field(default=None, description="Only of this contact.")


class NewCaseInput(Input):
    title: Title = Field(description="What it is about, 1 to 300 characters.")
    queue_id: Id = Field(description="One of your queues.")
    contact_id: Id | None = Field(default=None, description="The customer's human; without one nobody is written to.")
    owner_id: Id | None = Field(default=None, description="Its representative; null leaves it to the queue's team.")
    description: str = Field(default="", max_length=100_000, description="The problem, in full.")
    priority: Priority = Field(default="normal", description="low, normal or high.")
    subject: str = Field(default="", max_length=100, description="The subject area.")
    custom: dict[str, Any] = Field(default_factory=dict, description="Custom fields by key; times are ISO 8601.")


class CaseChanges(Input):
    """What is left out stays as it is."""

    version: int = Field(strict=True, description="The version that the changes were made on.")
    title: Title = Field(default="-", description="What it is about, 1 to 300 characters.")
    description: str = Field(default="", max_length=100_000, description="The problem, in full.")
    priority: Priority = Field(default="normal", description="low, normal or high.")
    subject: str = Field(default="", max_length=100, description="The subject area.")
    line_of_business: str = Field(default="", max_length=60, description="The line of business.")
    custom: dict[str, Any] = Field(
        default_factory=dict, description="Custom fields to set, by key; null empties one, the others stay."
    )


class PlanStepSaid(BaseModel):
    label: str = Field(description="A follow-up, your own mail, or the resolution.")
    at: datetime | None = Field(description="When it happened or will (UTC), if that is known.")
    state: str = Field(description="done, now, later or stopped.")
    is_resolution: bool = Field(description="Whether it is the end of the series.")


class EvidenceSaid(BaseModel):
    words: str = Field(description="What is known for sure.")
    at: datetime | None = Field(description="Since when or up to when (UTC).")


class PlanSaid(BaseModel):
    """The plan line of a case: what happens next and when, why, and what would stop it."""

    title: str = Field(description="What comes next, or why nothing does.")
    at: datetime | None = Field(description="When (UTC), if a time is known.")
    unless: str = Field(description="What would make it unnecessary, or empty.")
    reason: str = Field(description="The reason of the decision, as a sentence.")
    tone: str = Field(description="info, warn (somebody should look) or good.")
    steps: list[PlanStepSaid] = Field(description="The series drawn as a line; empty without one.")
    why: list[str] = Field(description="The facts it rests on, one sentence each.")
    would_stop: list[str] = Field(description="What would stop it, one sentence each.")
    evidence: list[EvidenceSaid] = Field(description="Up to when mailboxes were read, and the like.")
    rule_id: int | None = Field(description="The rule that takes the case.")
    rule_name: str = Field(description="Its name, or empty.")
    level: str = Field(description="confirm, full, or empty without a rule.")
    has_series: bool = Field(description="Whether a series runs.")
    needs_person: bool = Field(description="Whether a suggestion waits for somebody.")


@routes.get("/cases", PageOf[CaseSaid], Scope.CASES_READ)
def list_cases(request: WorkspaceRequest, filters: Query[CaseFilters]) -> PageOf[CaseSaid]:
    """List the cases that you may see. The latest change comes first."""
    rows = said_rows(_chosen(request, filters)).order_by("-updated_at", "-pk")
    return page_of(rows, filters, lambda row: said(row, request.now))


@routes.post("/cases", CaseAlone, Scope.CASES_WRITE, status=201)
def create_case(request: WorkspaceRequest, case: NewCaseInput) -> CaseAlone:
    """Open a case. It is active, In Progress, and gets its number."""
    contact = None
    if case.contact_id is not None:
        found = visible_contacts(request.user).filter(pk=case.contact_id).select_related("organization").first()
        contact = referenced(found, f"contact {case.contact_id}", "contact_id")
    new = changes.NewCase(
        title=case.title,
        queue=queue_for(request, case.queue_id),
        contact=contact,
        owner=owner_for(case.owner_id),
        description=case.description,
        origin="api",
        priority=case.priority,
        subject=case.subject,
        custom=case.custom,
    )
    made = changes.create_case(new, actor=request.user, now=request.now)
    return alone(made.pk, request.now)


@routes.get("/cases/{number}", CaseAlone, Scope.CASES_READ)
def get_case(request: WorkspaceRequest, number: str) -> CaseAlone:
    """Get one case with all its fields."""
    return alone(case_of(request, number).pk, request.now)


@routes.patch("/cases/{number}", CaseAlone, Scope.CASES_WRITE)
def edit_case(request: WorkspaceRequest, number: str, case: CaseChanges) -> CaseAlone:
    """Change fields of a case. 409 when somebody changed it after the version that you name."""
    wanted = case.model_dump(exclude_unset=True, exclude={"version"})
    row = case_of(request, number)
    changes.edit_case(row.pk, wanted, actor=request.user, now=request.now, version=case.version)
    return alone(row.pk, request.now)


@routes.get("/cases/{number}/plan", PlanSaid, Scope.CASES_READ)
def get_plan(request: WorkspaceRequest, number: str) -> PlanSaid:
    """Say what happens next on a case, and when. Asked of the same decision as the loop; nothing changes."""
    found = plan_of(case_of(request, number), request.now)
    steps = [
        PlanStepSaid(label=step.label, at=step.at, state=step.state, is_resolution=step.is_resolution)
        for step in found.steps
    ]
    evidence = [EvidenceSaid(words=each.words, at=each.at) for each in found.evidence]
    plain = {name: getattr(found, name) for name in PlanSaid.model_fields if name not in ("steps", "evidence")}
    return PlanSaid(steps=steps, evidence=evidence, **plain)


def _chosen(request: WorkspaceRequest, filters: CaseFilters) -> QuerySet[Case]:
    cases = BY_KEY[filters.view].choose(visible_cases(request.user), request.user)
    asked = filters.model_dump(
        include={"status", "status_reason_id", "queue_id", "owner_id", "contact_id"}, exclude_none=True
    )
    return matching(cases.filter(**asked), filters.q)

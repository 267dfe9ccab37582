"""Protections: what stands above all rules (spec 2.14)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.lookup import case_of, named_row
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import Refused, existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Flag, Id, Input, Named, named
from caseloop.cases.models import Case, Contact, Organization, Queue
from caseloop.domain.facts import ProtectionEffect
from caseloop.followups import standing
from caseloop.followups.models import Protection

routes = Routes("Protections", for_managers="Protections are for managers.")


class ProtectionSaid(BaseModel):
    """A condition, or one contact, organization, queue or case, that is automated less or not at all."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    effect: str = Field(description="never, or at_most_confirm.")
    conditions: dict[str, Any] | None = Field(description="The condition as a tree; {} is every case; null is none.")
    contact: Named | None = Field(description="The contact it protects.")
    organization: Named | None = Field(description="The organization it protects.")
    queue: Named | None = Field(description="The queue it protects.")
    case_number: str | None = Field(description="The case it protects.")
    is_active: bool = Field(description="Whether it holds.")
    reason: str = Field(description="Why, or empty.")


class ProtectionFilters(Paging):
    is_active: bool | None = Field(default=None, description="Only those that hold, or only those that don't.")


class ProtectionInput(Input):
    name: str = Field(max_length=100, description="1 to 100 characters, unlike every other protection's.")
    effect: ProtectionEffect = Field(description="never automate, or at_most_confirm.")
    conditions: dict[str, Any] | None = Field(
        default=None, description="A condition as rules have it; {} is every case."
    )
    contact_id: Id | None = Field(default=None, description="A contact.")
    organization_id: Id | None = Field(default=None, description="An organization.")
    queue_id: Id | None = Field(default=None, description="A queue.")
    case_number: str | None = Field(default=None, max_length=20, description="The number of a case.")
    is_active: Flag = Field(default=True, description="Whether it holds at once.")
    reason: str = Field(default="", max_length=300, description="Why.")


@routes.get("/protections", PageOf[ProtectionSaid], Scope.RULES_READ)
def list_protections(request: WorkspaceRequest, filters: Query[ProtectionFilters]) -> PageOf[ProtectionSaid]:
    """List the protections. By name."""
    rows = _rows()
    if filters.is_active is not None:
        rows = rows.filter(is_active=filters.is_active)
    return page_of(rows.order_by("name", "pk"), filters, _said)


@routes.post("/protections", ProtectionSaid, Scope.RULES_WRITE, status=201)
def create_protection(request: WorkspaceRequest, protection: ProtectionInput) -> ProtectionSaid:
    """Make a protection. It holds at once, for running series, too."""
    new = standing.NewProtection(
        name=protection.name,
        effect=protection.effect,
        conditions=protection.conditions,
        contact=named_row(Contact, protection.contact_id, "contact_id"),
        organization=named_row(Organization, protection.organization_id, "organization_id"),
        queue=named_row(Queue, protection.queue_id, "queue_id"),
        case=_case(request, protection.case_number),
        reason=protection.reason,
        is_active=protection.is_active,
    )
    made = standing.protect(new, actor=request.user, now=request.now)
    return _said(_rows().get(pk=made.pk))


@routes.delete("/protections/{int:protection_id}", None, Scope.RULES_WRITE)
def delete_protection(request: WorkspaceRequest, protection_id: int) -> None:
    """Lift a protection. Rules take what it protected again; its history stays."""
    existing(Protection.objects.filter(pk=protection_id).first(), f"protection {protection_id}")
    standing.unprotect(protection_id, actor=request.user, now=request.now)


def _case(request: WorkspaceRequest, number: str | None) -> Case | None:
    if number is None:
        return None
    try:
        return case_of(request, number)
    except Refused as error:
        raise Refused(422, "invalid", error.sentence, "case_number") from error


def _rows() -> QuerySet[Protection]:
    return Protection.objects.select_related("contact", "organization", "queue", "case")


def _said(row: Protection) -> ProtectionSaid:
    plain = {name: getattr(row, name) for name in ("id", "name", "effect", "conditions", "is_active", "reason")}
    return ProtectionSaid(
        **plain,
        contact=named(row.contact),
        organization=named(row.organization),
        queue=named(row.queue),
        case_number=row.case.number if row.case else None,
    )

"""Organizations: the customers' companies (spec 6.2)."""

from __future__ import annotations

from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Words
from caseloop.cases.models import Organization
from caseloop.cases.visibility import visible_organizations

routes = Routes("Organizations")


class OrganizationSaid(BaseModel):
    """A customer's company."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    domains: list[str] = Field(description="Mail domains whose senders belong to it.")


class OrganizationFilters(Paging):
    q: Words = Field(default="", description="Words in the name.")


@routes.get("/organizations", PageOf[OrganizationSaid], Scope.CASES_READ)
def list_organizations(request: WorkspaceRequest, filters: Query[OrganizationFilters]) -> PageOf[OrganizationSaid]:
    """List the organizations of cases that you may see, and those without a case. By name."""
    rows = visible_organizations(request.user)
    if words := filters.q.strip():
        rows = rows.filter(name__icontains=words)
    return page_of(rows.order_by("name", "pk"), filters, _said)


@routes.get("/organizations/{int:organization_id}", OrganizationSaid, Scope.CASES_READ)
def get_organization(request: WorkspaceRequest, organization_id: int) -> OrganizationSaid:
    """Get one organization."""
    row = visible_organizations(request.user).filter(pk=organization_id).first()
    return _said(existing(row, f"organization {organization_id}"))


def _said(row: Organization) -> OrganizationSaid:
    return OrganizationSaid(id=row.pk, name=row.name, domains=[str(domain) for domain in row.domains])

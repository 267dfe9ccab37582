"""Status reasons: what administrators named beneath active, resolved and cancelled (spec 7.1)."""

from __future__ import annotations

from typing import Literal

from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.cases.models import StatusReason

routes = Routes("Status reasons")


class StatusReasonSaid(BaseModel):
    """A named reason that belongs to one status."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    status: str = Field(description="active, resolved or cancelled.")
    key: str | None = Field(description="Of a shipped one: a word that stays when it is renamed, like on_hold.")
    is_available: bool = Field(description="Whether it can be chosen.")


class StatusReasonFilters(Paging):
    status: Literal["active", "resolved", "cancelled"] | None = Field(default=None, description="Only of this status.")


@routes.get("/status-reasons", PageOf[StatusReasonSaid], Scope.CASES_READ)
def list_status_reasons(request: WorkspaceRequest, filters: Query[StatusReasonFilters]) -> PageOf[StatusReasonSaid]:
    """List the status reasons. In the order that administrators gave them."""
    rows = StatusReason.objects.order_by("position", "name", "pk")
    return page_of(rows.filter(status=filters.status) if filters.status else rows, filters, _said)


@routes.get("/status-reasons/{int:reason_id}", StatusReasonSaid, Scope.CASES_READ)
def get_status_reason(request: WorkspaceRequest, reason_id: int) -> StatusReasonSaid:
    """Get one status reason."""
    return _said(existing(StatusReason.objects.filter(pk=reason_id).first(), f"status reason {reason_id}"))


def _said(row: StatusReason) -> StatusReasonSaid:
    return StatusReasonSaid(id=row.pk, name=row.name, status=row.status, key=row.key, is_available=row.is_available)

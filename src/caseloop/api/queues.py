"""Queues: where cases wait, as far as the reader may see them."""

from __future__ import annotations

from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Named
from caseloop.cases.models import Queue
from caseloop.cases.visibility import visible_queues

routes = Routes("Queues")


class QueueSaid(BaseModel):
    """A place where cases wait."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    is_open_to_all: bool = Field(description="Whether everybody sees its cases, or only its teams.")
    teams: list[Named] = Field(description="The teams that work on it.")
    line_of_business: str = Field(description="The line of business of its cases, or empty.")


class QueueFilters(Paging):
    pass


@routes.get("/queues", PageOf[QueueSaid], Scope.CASES_READ)
def list_queues(request: WorkspaceRequest, filters: Query[QueueFilters]) -> PageOf[QueueSaid]:
    """List your queues. By name."""
    rows = visible_queues(request.user).prefetch_related("teams")
    return page_of(rows.order_by("name", "pk"), filters, _said)


@routes.get("/queues/{int:queue_id}", QueueSaid, Scope.CASES_READ)
def get_queue(request: WorkspaceRequest, queue_id: int) -> QueueSaid:
    """Get one of your queues."""
    return _said(existing(visible_queues(request.user).filter(pk=queue_id).first(), f"queue {queue_id}"))


def _said(row: Queue) -> QueueSaid:
    return QueueSaid(
        id=row.pk,
        name=row.name,
        is_open_to_all=row.is_open_to_all,
        teams=[Named(id=team.pk, name=team.name) for team in row.teams.all()],
        line_of_business=row.line_of_business,
    )

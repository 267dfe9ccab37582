"""Who can own a case?"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.accounts.models import User
from caseloop.api.lookup import people
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Words

routes = Routes("Users")


class UserSaid(BaseModel):
    """Somebody who works on cases."""

    id: int = Field(description="Its id; `owner_id` of their cases.")
    username: str = Field(description="The name they sign in with.")
    name: str = Field(description="Their name as colleagues and customers see it.")
    away_until: datetime | None = Field(description="Until then (UTC) suggestions and answers go to the team.")


class UserFilters(Paging):
    q: Words = Field(default="", description="Words in the name.")


@routes.get("/users", PageOf[UserSaid], Scope.CASES_READ)
def list_users(request: WorkspaceRequest, filters: Query[UserFilters]) -> PageOf[UserSaid]:
    """List the people who can own cases. By name."""
    rows = people()
    if words := filters.q.strip():
        rows = rows.filter(Q(display_name__icontains=words) | Q(username__icontains=words))
    return page_of(rows.order_by("display_name", "pk"), filters, _said)


def _said(row: User) -> UserSaid:
    return UserSaid(id=row.pk, username=row.username, name=row.display_name, away_until=row.away_until)

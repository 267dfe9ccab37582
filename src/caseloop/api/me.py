"""Who am I here, and am I away?"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.accounts.changes import set_away
from caseloop.accounts.models import User
from caseloop.api.routes import Routes
from caseloop.api.values import Input, Moment, Named

routes = Routes("Me")


class Me(BaseModel):
    """The user that acts here, by a session or by a token."""

    id: int = Field(description="Id of the user; `owner_id` of their cases.")
    username: str = Field(description="The name they sign in with.")
    name: str = Field(description="Their name as colleagues and customers see it.")
    role: str = Field(description="system_administrator, csr_manager, representative or auditor.")
    teams: list[Named] = Field(description="Their teams.")
    time_zone: str = Field(description="Their zone, as in the IANA database; the API itself speaks UTC.")
    away_until: datetime | None = Field(description="Until then (UTC) suggestions and answers go to the team.")
    scopes: list[str] | None = Field(description="What the token may do; null for a session, which may do all.")


class Absence(Input):
    until: Moment | None = Field(description="The time of return, which must lie ahead; null is back already.")


@routes.get("/me", Me, None)
def who_am_i(request: WorkspaceRequest) -> Me:
    """Whose token or session this is. And what it may do."""
    return _me(request, request.user)


@routes.put("/me/absence", Me, None, is_personal=True)
def set_absence(request: WorkspaceRequest, absence: Absence) -> Me:
    """Say until when I am away. Suggestions and answers go to the team until then."""
    return _me(request, set_away(request.user, absence.until, now=request.now))


def _me(request: WorkspaceRequest, user: User) -> Me:
    token = getattr(request, "token", None)
    return Me(
        id=user.pk,
        username=user.username,
        name=user.display_name,
        role=user.role,
        teams=[Named(id=team.pk, name=team.name) for team in user.teams.all()],
        time_zone=user.time_zone,
        away_until=user.away_until,
        scopes=token.scopes if token else None,
    )

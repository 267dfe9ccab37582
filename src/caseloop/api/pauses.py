"""Pauses: time in which series stand still, and which is no waiting (spec 1.4)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.lookup import named_row
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Id, Input, Moment, Named, named
from caseloop.cases.models import Organization, Queue
from caseloop.followups import standing
from caseloop.followups.models import Pause, Rule

routes = Routes("Pauses", for_managers="Pauses are for managers.")


class PauseSaid(BaseModel):
    """All series, or those of one queue, rule or organization, stand still meanwhile."""

    id: int = Field(description="Its id.")
    since: datetime = Field(description="When it began (UTC).")
    until: datetime | None = Field(description="When it ends or ended (UTC); null until somebody ends it.")
    queue: Named | None = Field(description="Only series of this queue.")
    rule: Named | None = Field(description="Only series of this rule.")
    organization: Named | None = Field(description="Only series of this organization.")
    reason: str = Field(description="Why, or empty.")
    made_by: Named | None = Field(description="Who made it.")


class PauseFilters(Paging):
    is_over: bool = Field(default=False, description="Whether those that are over are listed, or those that go on.")


class PauseInput(Input):
    """Without queue, rule and organization it is for all series."""

    until: Moment | None = Field(
        default=None, description="When it ends, with offset, in the future; null until ended."
    )
    queue_id: Id | None = Field(default=None, description="Only series of this queue.")
    rule_id: Id | None = Field(default=None, description="Only series of this rule.")
    organization_id: Id | None = Field(default=None, description="Only series of this organization.")
    reason: str = Field(default="", max_length=300, description="Why.")


@routes.get("/pauses", PageOf[PauseSaid], Scope.RULES_READ)
def list_pauses(request: WorkspaceRequest, filters: Query[PauseFilters]) -> PageOf[PauseSaid]:
    """List the pauses. The latest begun comes first."""
    is_over = Q(until__lte=request.now)
    rows = _rows().filter(is_over) if filters.is_over else _rows().filter(Q(until=None) | ~is_over)
    return page_of(rows.order_by("-since", "-pk"), filters, _said)


@routes.post("/pauses", PauseSaid, Scope.RULES_WRITE, status=201)
def create_pause(request: WorkspaceRequest, pause: PauseInput) -> PauseSaid:
    """Pause series from now on. Time in it doesn't count as waiting."""
    made = standing.pause(
        actor=request.user,
        now=request.now,
        until=pause.until,
        queue=named_row(Queue, pause.queue_id, "queue_id"),
        rule=named_row(Rule, pause.rule_id, "rule_id"),
        organization=named_row(Organization, pause.organization_id, "organization_id"),
        reason=pause.reason,
    )
    return _said(made)


@routes.post("/pauses/{int:pause_id}/ending", PauseSaid, Scope.RULES_WRITE)
def end_pause(request: WorkspaceRequest, pause_id: int) -> PauseSaid:
    """End a pause. Series go on, and its time stays one that doesn't count."""
    existing(Pause.objects.filter(pk=pause_id).first(), f"pause {pause_id}")
    return _said(standing.end_pause(pause_id, actor=request.user, now=request.now))


def _rows() -> QuerySet[Pause]:
    return Pause.objects.select_related("queue", "rule", "organization", "made_by")


def _said(row: Pause) -> PauseSaid:
    return PauseSaid(
        id=row.pk,
        since=row.since,
        until=row.until,
        queue=named(row.queue),
        rule=named(row.rule),
        organization=named(row.organization),
        reason=row.reason,
        made_by=named(row.made_by),
    )

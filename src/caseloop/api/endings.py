"""How a case ends and comes back: resolution, cancellation, reopening."""

from __future__ import annotations

from pydantic import Field, model_validator

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.case_words import CaseAlone, alone
from caseloop.api.lookup import case_of, reason_for
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Id, Input
from caseloop.cases import changes
from caseloop.cases.resolving import ResolutionDetails, reopen_case
from caseloop.followups import approvals

routes = Routes("Cases")
MOST_MINUTES = 100_000


class ResolutionInput(Input):
    status_reason_id: Id = Field(description="The resolution type: a reason of status resolved.")
    text: str = Field(min_length=1, max_length=1000, description="The resolution, in words.")
    total_minutes: int = Field(default=0, strict=True, ge=0, le=MOST_MINUTES, description="Time spent, in minutes.")
    billable_minutes: int = Field(
        default=0, strict=True, ge=0, le=MOST_MINUTES, description="Of that billable, in minutes."
    )
    remarks: str = Field(default="", max_length=10_000, description="Remarks for colleagues.")

    @model_validator(mode="after")
    def _not_more_than_all(self) -> ResolutionInput:
        if self.billable_minutes > self.total_minutes:
            raise ValueError("“billable_minutes” is not more than “total_minutes”.")
        return self


class ReopeningInput(Input):
    reason: str = Field(
        default="Reopened by hand", max_length=300, description="Why; kept with the resolution that ended."
    )


class CancellationInput(Input):
    status_reason_id: Id = Field(description="A reason of status cancelled.")


@routes.post("/cases/{number}/resolution", CaseAlone, Scope.CASES_WRITE)
def resolve(request: WorkspaceRequest, number: str, resolution: ResolutionInput) -> CaseAlone:
    """Resolve a case. Open activities are cancelled and the series ends, in one act; 422 names every blocker."""
    case = case_of(request, number)
    details = ResolutionDetails(
        status_reason=reason_for(resolution.status_reason_id),
        text=resolution.text,
        total_minutes=resolution.total_minutes,
        billable_minutes=resolution.billable_minutes,
        remarks=resolution.remarks,
    )
    approvals.resolve(case.pk, details, actor=request.user, now=request.now)
    return alone(case.pk, request.now)


@routes.post("/cases/{number}/reopening", CaseAlone, Scope.CASES_WRITE)
def reopen(request: WorkspaceRequest, number: str, reopening: ReopeningInput | None = None) -> CaseAlone:
    """Bring an ended case back. It is In Progress again; one that is active stays as it is."""
    case = case_of(request, number)
    reason = (reopening or ReopeningInput()).reason
    reopen_case(case.pk, reason, actor=request.user, now=request.now)
    return alone(case.pk, request.now)


@routes.post("/cases/{number}/cancellation", CaseAlone, Scope.CASES_WRITE)
def cancel(request: WorkspaceRequest, number: str, cancellation: CancellationInput) -> CaseAlone:
    """Cancel a case. It ends without a resolution."""
    case = case_of(request, number)
    reason = reason_for(cancellation.status_reason_id)
    changes.cancel_case(case.pk, reason, actor=request.user, now=request.now)
    return alone(case.pk, request.now)

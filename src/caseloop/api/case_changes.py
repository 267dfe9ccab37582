"""What is set on a case, one address per noun: owner, status reason, queue, contact, hold, automation."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.case_words import CaseAlone, alone
from caseloop.api.lookup import case_of, owner_for, queue_for, reason_for
from caseloop.api.refusals import referenced
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Flag, Id, Input, Moment
from caseloop.cases import changes
from caseloop.cases.models import Case
from caseloop.cases.visibility import visible_contacts

routes = Routes("Cases")


class OwnerInput(Input):
    owner_id: Id | None = Field(description="Somebody who works on cases; null leaves it to the queue's team.")


class ReasonInput(Input):
    status_reason_id: Id = Field(description="A reason of the present status.")


class QueueInput(Input):
    queue_id: Id = Field(description="One of your queues.")


class ContactInput(Input):
    contact_id: Id | None = Field(description="The customer's human; null for none.")


class HoldInput(Input):
    until: Moment = Field(description="No automatic step before then; with offset, in the future.")
    reason: str = Field(default="", max_length=300, description="Why; shown beside the hold.")


class AutomationInput(Input):
    is_allowed: Flag = Field(description="false: nothing is drafted, sent or resolved by the assistant on this case.")


@routes.put("/cases/{number}/owner", CaseAlone, Scope.CASES_WRITE)
def assign_case(request: WorkspaceRequest, number: str, owner: OwnerInput) -> CaseAlone:
    """Give a case to somebody, or to its team."""
    case = case_of(request, number)
    changes.assign(case.pk, owner_for(owner.owner_id), **_who(request))
    return _as_it_is(case, request)


@routes.put("/cases/{number}/status-reason", CaseAlone, Scope.CASES_WRITE)
def set_status_reason(request: WorkspaceRequest, number: str, reason: ReasonInput) -> CaseAlone:
    """Set another reason of the same status. Resolving, cancelling and reopening have addresses of their own."""
    case = case_of(request, number)
    changes.set_status_reason(case.pk, reason_for(reason.status_reason_id), **_who(request))
    return _as_it_is(case, request)


@routes.put("/cases/{number}/queue", CaseAlone, Scope.CASES_WRITE)
def move_case(request: WorkspaceRequest, number: str, queue: QueueInput) -> CaseAlone:
    """Move a case to another queue. Its teams and mailbox take over."""
    case = case_of(request, number)
    changes.move_to_queue(case.pk, queue_for(request, queue.queue_id), **_who(request))
    return _as_it_is(case, request)


@routes.put("/cases/{number}/contact", CaseAlone, Scope.CASES_WRITE)
def set_contact(request: WorkspaceRequest, number: str, contact: ContactInput) -> CaseAlone:
    """Say whose case it is. The organization follows the contact."""
    case = case_of(request, number)
    chosen = None
    if contact.contact_id is not None:
        rows = visible_contacts(request.user).select_related("organization")
        found = rows.filter(pk=contact.contact_id).first()
        chosen = referenced(found, f"contact {contact.contact_id}", "contact_id")
    changes.set_contact(case.pk, chosen, **_who(request))
    return _as_it_is(case, request)


@routes.put("/cases/{number}/hold", CaseAlone, Scope.CASES_WRITE)
def hold_case(request: WorkspaceRequest, number: str, hold: HoldInput) -> CaseAlone:
    """Hold a case until a time. Nothing automatic happens before."""
    case = case_of(request, number)
    changes.hold(case.pk, hold.until, hold.reason, **_who(request))
    return _as_it_is(case, request)


@routes.delete("/cases/{number}/hold", CaseAlone, Scope.CASES_WRITE)
def lift_hold(request: WorkspaceRequest, number: str) -> CaseAlone:
    """Lift the hold of a case."""
    case = case_of(request, number)
    changes.hold(case.pk, None, "", **_who(request))
    return _as_it_is(case, request)


@routes.put("/cases/{number}/automation", CaseAlone, Scope.CASES_WRITE)
def set_automation(request: WorkspaceRequest, number: str, automation: AutomationInput) -> CaseAlone:
    """Say whether the assistant may work on a case."""
    case = case_of(request, number)
    changes.set_no_automation(case.pk, not automation.is_allowed, **_who(request))
    return _as_it_is(case, request)


def _who(request: WorkspaceRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": request.now}


def _as_it_is(case: Case, request: WorkspaceRequest) -> CaseAlone:
    return alone(case.pk, request.now)

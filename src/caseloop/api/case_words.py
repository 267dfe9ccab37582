"""How does the API say a case? In lists, and alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from pydantic import BaseModel, Field

from caseloop.api.values import Named, named
from caseloop.cases.case_views import with_next_step
from caseloop.cases.models import Case, Resolution
from caseloop.cases.views.next_step import next_step


class NextStepSaid(BaseModel):
    title: str = Field(description="What to do or what comes, as the case list says it.")
    note: str = Field(description="What is to be said beside it, or empty.")
    at: datetime | None = Field(description="When (UTC), if a time is known.")
    needs_person: bool = Field(description="Whether it waits for somebody to decide.")


class CaseSaid(BaseModel):
    """A case as lists have it."""

    number: str = Field(description="The number, as in addresses and subjects of mails.")
    title: str = Field(description="What it is about.")
    status: str = Field(description="active, resolved or cancelled.")
    status_reason: Named = Field(description="The named reason within the status.")
    priority: str = Field(description="low, normal or high.")
    subject: str = Field(description="The subject area, or empty.")
    origin: str = Field(description="How it began: email, by hand, api, ….")
    line_of_business: str = Field(description="The line of business, or empty.")
    queue: Named = Field(description="Where it waits.")
    owner: Named | None = Field(description="The representative; null is the queue's team.")
    contact: Named | None = Field(description="The customer's human.")
    organization: Named | None = Field(description="The customer's company.")
    next_move: str = Field(description="Whose move it is: us, customer or none.")
    no_automation: bool = Field(description="Whether the assistant leaves it alone.")
    hold_until: datetime | None = Field(description="No automatic step before then (UTC).")
    hold_reason: str = Field(description="Why it is held, or empty.")
    has_unread: bool = Field(description="Whether a mail of a human has not been opened yet.")
    has_doubt: bool = Field(description="Whether somebody has to say if a mail answers it.")
    next_step: NextStepSaid = Field(description="What is next, in words.")
    created_at: datetime = Field(description="When it was opened (UTC).")
    updated_at: datetime = Field(description="When it was changed last (UTC).")
    last_inbound_at: datetime | None = Field(description="When the customer's last mail arrived (UTC).")
    last_outbound_at: datetime | None = Field(description="When our last mail was accepted (UTC).")
    version: int = Field(description="Grows with each change of its fields; a change says which one it was made on.")


class AddressSaid(BaseModel):
    address: str = Field(description="The mail address, in lower case.")
    is_primary: bool = Field(description="Whether it is the one we write to first.")
    undeliverable_since: datetime | None = Field(description="Since when mail to it bounces (UTC).")
    undeliverable_reason: str = Field(description="What the mail server said, or empty.")


class ResolutionSaid(BaseModel):
    """How and why a case ended."""

    status_reason: Named = Field(description="The resolution type.")
    text: str = Field(description="The resolution, in words.")
    total_minutes: int = Field(description="Time spent, in minutes.")
    billable_minutes: int = Field(description="Billable time, in minutes.")
    remarks: str = Field(description="Remarks, or empty.")
    resolved_at: datetime = Field(description="When (UTC).")
    resolved_by: Named | None = Field(description="By whom.")
    is_automatic: bool = Field(description="Whether the assistant resolved it.")


class CaseAlone(CaseSaid):
    """A case with all its fields."""

    description: str = Field(description="The problem, in full.")
    custom: dict[str, Any] = Field(description="The custom fields that have values, by key; times are ISO 8601.")
    contact_addresses: list[AddressSaid] = Field(description="The contact's addresses, the primary one first.")
    parent_number: str | None = Field(description="Number of the parent case.")
    merged_into_number: str | None = Field(description="Number of the case it went into.")
    follows_number: str | None = Field(description="Number of the case it follows, after a late answer.")
    resolution: ResolutionSaid | None = Field(description="How it ended, while it is resolved.")


def said_rows(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The cases with all that `said` needs, in one statement."""
    return with_next_step(cases).select_related("status_reason", "contact", "organization", "owner", "queue", "review")


def said(row: Any, now: datetime) -> CaseSaid:
    """One row of `said_rows`."""
    return CaseSaid(**_plain(row, now))


def alone(case_id: int, now: datetime) -> CaseAlone:
    """The case as it is now; whoever may see it was asked before."""
    rows = said_rows(Case.objects.filter(pk=case_id)).select_related("parent", "merged_into", "follows")
    row: Any = rows.get()
    addresses = row.contact.addresses.order_by("-is_primary", "pk") if row.contact else []
    return CaseAlone(
        **_plain(row, now),
        description=row.description,
        custom=row.custom,
        contact_addresses=[address_said(address) for address in addresses],
        parent_number=row.parent.number if row.parent else None,
        merged_into_number=row.merged_into.number if row.merged_into else None,
        follows_number=row.follows.number if row.follows else None,
        resolution=_present_resolution(row),
    )


def address_said(row: Any) -> AddressSaid:
    """One address of a contact."""
    return AddressSaid(
        address=row.address,
        is_primary=row.is_primary,
        undeliverable_since=row.undeliverable_since,
        undeliverable_reason=row.undeliverable_reason,
    )


def _present_resolution(case: Case) -> ResolutionSaid | None:
    if case.status != "resolved":
        return None
    rows = Resolution.objects.filter(case=case, reopening__isnull=True).select_related("status_reason", "resolved_by")
    latest = rows.order_by("-resolved_at").first()
    return resolution_said(latest) if latest else None


def resolution_said(row: Resolution) -> ResolutionSaid:
    """One end of a case."""
    return ResolutionSaid(
        status_reason=Named(id=row.status_reason_id, name=row.status_reason.name),
        text=row.text,
        total_minutes=row.total_minutes,
        billable_minutes=row.billable_minutes,
        remarks=row.remarks,
        resolved_at=row.resolved_at,
        resolved_by=named(row.resolved_by),
        is_automatic=row.is_automatic,
    )


PLAIN = (
    *("number", "title", "status", "priority", "subject", "origin", "line_of_business", "next_move", "no_automation"),
    *("hold_until", "hold_reason", "has_unread", "has_doubt", "created_at", "updated_at", "last_inbound_at"),
    *("last_outbound_at", "version"),
)


def _plain(row: Any, now: datetime) -> dict[str, Any]:
    step = next_step(row, now)
    return {name: getattr(row, name) for name in PLAIN} | {
        "status_reason": named(row.status_reason),
        "queue": named(row.queue),
        "owner": named(row.owner),
        "contact": named(row.contact),
        "organization": named(row.organization),
        "next_step": NextStepSaid(title=step.title, note=step.note, at=step.at, needs_person=step.needs_person),
    }

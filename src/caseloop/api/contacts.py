"""Contacts: the customer's humans (spec 6.2)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.api.case_words import AddressSaid, address_said
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import Refused, existing, referenced
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Id, Input, Named, Words, named
from caseloop.cases import contacts
from caseloop.cases.models import Contact, ContactAddress
from caseloop.cases.visibility import visible_contacts, visible_organizations
from caseloop.mail.addresses import is_mail_address

routes = Routes("Contacts")


class ContactSaid(BaseModel):
    """The customer's human."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Their name.")
    organization: Named | None = Field(description="The company they belong to.")
    addresses: list[AddressSaid] = Field(description="Their mail addresses, the primary one first.")
    language: str = Field(description="The language we write in, like de, or empty.")
    time_zone: str = Field(description="Their zone, as in the IANA database, or empty.")
    phone: str = Field(description="Their phone number, or empty.")
    created_at: datetime = Field(description="When we first knew of them (UTC).")


class ContactFilters(Paging):
    q: Words = Field(default="", description="Words in the name, an address or the organization.")
    organization_id: int | None = Field(default=None, description="Only of this organization.")


class NewContactInput(Input):
    name: str = Field(max_length=200, description="Their name.")
    addresses: list[str] = Field(
        default_factory=list, max_length=20, description="Mail addresses; the first is the one we write to."
    )
    organization_id: Id | None = Field(default=None, description="The company they belong to.")
    language: str = Field(default="", max_length=8, description="The language we write in, like de.")
    time_zone: str = Field(
        default="", max_length=64, description="Their zone, as in the IANA database, like Europe/Berlin."
    )
    phone: str = Field(default="", max_length=40, description="Their phone number.")


@routes.get("/contacts", PageOf[ContactSaid], Scope.CASES_READ)
def list_contacts(request: WorkspaceRequest, filters: Query[ContactFilters]) -> PageOf[ContactSaid]:
    """List the contacts of cases that you may see, and those without a case. By name."""
    rows = _rows(request)
    if filters.organization_id is not None:
        rows = rows.filter(organization_id=filters.organization_id)
    if words := filters.q.strip():
        with_address = ContactAddress.objects.filter(address__contains=words.lower()).values("contact_id")
        rows = rows.filter(Q(name__icontains=words) | Q(organization__name__icontains=words) | Q(pk__in=with_address))
    return page_of(rows.order_by("name", "pk"), filters, _said)


@routes.post("/contacts", ContactSaid, Scope.CASES_WRITE, status=201)
def create_contact(request: WorkspaceRequest, contact: NewContactInput) -> ContactSaid:
    """Make a contact. No address belongs to two of them."""
    for index, address in enumerate(contact.addresses):
        if not is_mail_address(address.strip()):
            raise Refused(422, "invalid", f"“{address[:80]}” is not a mail address.", f"addresses.{index}")
    organization = None
    if contact.organization_id is not None:
        found = visible_organizations(request.user).filter(pk=contact.organization_id).first()
        organization = referenced(found, f"organization {contact.organization_id}", "organization_id")
    new = contacts.NewContact(
        name=contact.name,
        addresses=contact.addresses,
        organization=organization,
        language=contact.language,
        time_zone=contact.time_zone,
        phone=contact.phone,
    )
    made = contacts.create_contact(new)
    return _said(_rows(request).get(pk=made.pk))


@routes.get("/contacts/{int:contact_id}", ContactSaid, Scope.CASES_READ)
def get_contact(request: WorkspaceRequest, contact_id: int) -> ContactSaid:
    """Get one contact, with its addresses and which of them bounce."""
    return _said(existing(_rows(request).filter(pk=contact_id).first(), f"contact {contact_id}"))


def _rows(request: WorkspaceRequest) -> QuerySet[Contact]:
    in_order = Prefetch("addresses", ContactAddress.objects.order_by("-is_primary", "pk"))
    return visible_contacts(request.user).select_related("organization").prefetch_related(in_order)


def _said(row: Contact) -> ContactSaid:
    return ContactSaid(
        id=row.pk,
        name=row.name,
        organization=named(row.organization),
        addresses=[address_said(address) for address in row.addresses.all()],
        language=row.language,
        time_zone=row.time_zone,
        phone=row.phone,
        created_at=row.created_at,
    )

"""Making a contact, the customer's human, with the addresses we may write to."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from caseloop.cases.errors import CaseError
from caseloop.cases.models import Contact, ContactAddress, Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """`addresses` are mail addresses, checked by the caller; the first is the one we write to."""

    name: str
    addresses: Sequence[str] = ()
    organization: Organization | None = None
    language: str = ""
    time_zone: str = ""
    phone: str = ""


@transaction.atomic
def create_contact(new: NewContact) -> Contact:
    """The contact with its addresses; raises `CaseError` for one without a name, or an address that is somebody's."""
    if not new.name.strip():
        raise CaseError("A contact needs a name.")
    if new.time_zone and new.time_zone not in zoneinfo.available_timezones():
        raise CaseError(f"There is no time zone “{new.time_zone}”.")
    addresses = list(dict.fromkeys(address.strip().lower() for address in new.addresses))
    taken = ContactAddress.objects.filter(address__in=addresses).values_list("address", flat=True).first()
    if taken:
        raise CaseError(f"The address {taken} belongs to a contact already.")
    contact = Contact.objects.create(
        name=new.name.strip(),
        organization=new.organization,
        language=new.language,
        time_zone=new.time_zone,
        phone=new.phone,
    )
    for index, address in enumerate(addresses):
        ContactAddress.objects.create(contact=contact, address=address, is_primary=index == 0)
    return contact

"""The addresses of a contact: adding one, writing to another first, clearing the mark of a bounce (spec 3.8, 6.2)."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from caseloop.accounts.models import User
from caseloop.cases.activities import record_change
from caseloop.cases.errors import CaseError
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, Contact, ContactAddress
from caseloop.domain.lifecycle import CaseStatus


@transaction.atomic
def add_address(contact: Contact, address: str, *, actor: User, now: datetime) -> ContactAddress:
    """One more address, written to first when it is the only one; raises `CaseError` for none or a taken one."""
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise CaseError(f"“{address}” is not a mail address.") from error
    if ContactAddress.objects.filter(address=address).exists():
        raise CaseError(f"The address {address} belongs to a contact already.")
    is_first = not contact.addresses.exists()
    row = ContactAddress.objects.create(contact=contact, address=address, is_primary=is_first)
    _tell_cases(contact, f"Address {address} added to {contact}", actor, now)
    return row


@transaction.atomic
def make_primary(address_id: int, *, actor: User, now: datetime) -> ContactAddress:
    """The address we write to first from now on."""
    row = _locked(address_id)
    if not row.is_primary:
        ContactAddress.objects.filter(contact_id=row.contact_id, is_primary=True).update(is_primary=False)
        row.is_primary = True
        row.save(update_fields=["is_primary"])
        _tell_cases(row.contact, f"{row.contact} is written to at {row.address} first", actor, now)
    return row


@transaction.atomic
def clear_mark(address_id: int, *, actor: User, now: datetime) -> ContactAddress:
    """It works again, a person says; the next mail tries it, and another bounce brings the mark back."""
    row = _locked(address_id)
    if row.undeliverable_since is not None:
        row.undeliverable_since, row.undeliverable_reason = None, ""
        row.save(update_fields=["undeliverable_since", "undeliverable_reason"])
        _tell_cases(row.contact, f"Mark of {row.address} cleared: it works again", actor, now)
    return row


def _locked(address_id: int) -> ContactAddress:
    rows = ContactAddress.objects.select_for_update(of=("self",)).select_related("contact")
    row = rows.filter(pk=address_id).first()
    if row is None:
        raise CaseError("There is no such address.")
    return row


def _tell_cases(contact: Contact, said: str, actor: User, now: datetime) -> None:
    """Every active case of the contact says so in its timeline and is looked at anew."""
    cases = list(Case.objects.filter(contact=contact, status=CaseStatus.ACTIVE.value).order_by("pk"))
    for case in cases:
        record_change(case, said, actor=actor, now=now)
    mark([case.pk for case in cases], now)

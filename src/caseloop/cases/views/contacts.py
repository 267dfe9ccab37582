"""The page of a contact: addresses with their marks, and cases (spec 6.2)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from caseloop.accounts.access import WorkspaceRequest, act, page
from caseloop.accounts.toasts import toast
from caseloop.cases.addresses import add_address, clear_mark, make_primary
from caseloop.cases.case_views import with_next_step
from caseloop.cases.errors import CaseError
from caseloop.cases.models import Contact, ContactAddress
from caseloop.cases.views.next_step import next_step
from caseloop.cases.visibility import visible_cases, visible_contacts

AT_MOST = 50


@page
def contact_detail(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """Who it is, where we write to, and the cases that the reader may see."""
    return _contact_page(request, _contact(request, contact_id))


@act
def addresses(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """One more address."""
    contact = _contact(request, contact_id)
    typed = request.POST.get("address", "")
    try:
        add_address(contact, typed, actor=request.user, now=request.now)
    except CaseError as error:
        return _contact_page(request, contact, typed=typed, refused=str(error), status=422)
    toast(request, "Address added.")
    return redirect("cases:contact", contact_id=contact.pk)


@act
def primary(request: WorkspaceRequest, address_id: int) -> HttpResponse:
    said = "Changed. From now on we write there first."
    return _change(request, address_id, lambda pk: make_primary(pk, actor=request.user, now=request.now), said)


@act
def clearance(request: WorkspaceRequest, address_id: int) -> HttpResponse:
    said = "Mark cleared. The next mail tries the address."
    return _change(request, address_id, lambda pk: clear_mark(pk, actor=request.user, now=request.now), said)


def _change(request: WorkspaceRequest, address_id: int, verb: Callable[[int], object], said: str) -> HttpResponse:
    seen = ContactAddress.objects.filter(contact__in=visible_contacts(request.user))
    row = get_object_or_404(seen, pk=address_id)
    verb(row.pk)
    toast(request, said)
    return redirect("cases:contact", contact_id=row.contact_id)


def _contact(request: WorkspaceRequest, contact_id: int) -> Contact:
    return get_object_or_404(visible_contacts(request.user).select_related("organization").distinct(), pk=contact_id)


def _contact_page(
    request: WorkspaceRequest, contact: Contact, *, typed: str = "", refused: str = "", status: int = 200
) -> HttpResponse:
    cases = with_next_step(visible_cases(request.user).filter(contact=contact))
    cases = cases.select_related("status_reason", "owner", "queue", "review").order_by("status", "-updated_at")
    context = {
        "contact": contact,
        "addresses": list(contact.addresses.order_by("-is_primary", "pk")),
        "rows": [(case, next_step(case, request.now)) for case in cases[:AT_MOST]],
        "typed": typed,
        "refused": refused,
    }
    return render(request, "cases/contact.html", context, status=status)

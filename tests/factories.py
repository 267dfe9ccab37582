"""A small cast for tests: Contoso Coffee's support team and its customers. Every date is handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from caseloop.accounts.models import Role, User
from caseloop.cases.changes import NewCase, create_case
from caseloop.cases.models import Case, Contact, ContactAddress, Organization, Queue, StatusReason
from caseloop.mail.models import Mailbox


def user(username: str = "sofia", role: Role = Role.REPRESENTATIVE, **fields: Any) -> User:
    """A user who signs in with the password `correct horse battery`."""
    found = User.objects.filter(username=username).first()
    if found:
        return found
    fields.setdefault("display_name", username.capitalize())
    return User.objects.create_user(username, "correct horse battery", role=role, **fields)


def contact(name: str = "Anna Löwenherz", address: str = "anna@cafe.example", **fields: Any) -> Contact:
    """A contact with one primary address, made once."""
    known = ContactAddress.objects.filter(address=address).select_related("contact").first()
    if known:
        return known.contact
    made = Contact.objects.create(name=name, **fields)
    ContactAddress.objects.create(contact=made, address=address, is_primary=True)
    return made


def organization(name: str = "Café Löwenherz OHG", **fields: Any) -> Organization:
    return Organization.objects.get_or_create(name=name, defaults=fields)[0]


def queue(name: str = "Support", **fields: Any) -> Queue:
    return Queue.objects.get_or_create(name=name, defaults=fields)[0]


def mailbox(address: str = "support@contoso.example", **fields: Any) -> Mailbox:
    """A mailbox on loopback; ports come from the mail system of the test."""
    defaults = {
        "name": address,
        "smtp_host": "127.0.0.1",
        "imap_host": "127.0.0.1",
        "smtp_security": "none",
        "imap_security": "none",
        "sender_name": "Contoso Support",
        "is_default": True,
        **fields,
    }
    return Mailbox.objects.get_or_create(address=address, defaults=defaults)[0]


def case(title: str = "Contoso Coffee: grinder jams", *, now: datetime, **fields: Any) -> Case:
    """An active case of Anna's, owned by Sofia, with status reason *On Hold* unless `status_reason` names another."""
    reason = fields.pop("status_reason", "on_hold")
    created = create_case(
        NewCase(
            title=title,
            queue=fields.pop("queue", None) or queue(),
            contact=fields.pop("contact", None) or contact(),
            owner=fields.pop("owner", None) or user(),
            created_at=fields.pop("created_at", now),
            custom=fields.pop("custom", None),
        ),
        actor=None,
        now=now,
    )
    Case.objects.filter(pk=created.pk).update(status_reason=StatusReason.objects.get(key=reason), **fields)
    created.refresh_from_db()
    return created

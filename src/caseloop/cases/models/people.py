"""The customer's people and companies."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from caseloop.database.loading import QuickLoading


class Organization(QuickLoading):
    """A customer's company; `domains` are mail domains whose senders belong to it."""

    name = models.CharField(max_length=200)
    domains = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Contact(QuickLoading):
    """The customer's human."""

    name = models.CharField(max_length=200)
    organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    language = models.CharField(max_length=8, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The address we write to first, or an empty text."""
        known = sorted(self.addresses.all(), key=lambda row: (not row.is_primary, row.pk))
        return known[0].address if known else ""


class ContactAddress(QuickLoading):
    """One mail address of a contact, stored in lower case; a bounce marks it until a person clears it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=254)
    is_primary = models.BooleanField(default=False)
    undeliverable_since = models.DateTimeField(null=True, blank=True)
    undeliverable_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address"], name="one_contact_per_address"),
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(is_primary=True), name="one_primary_address"
            ),
            models.CheckConstraint(condition=models.Q(address=Lower("address")), name="address_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.address

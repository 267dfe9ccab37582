"""What stands above all rules (spec 2.14)."""

from __future__ import annotations

import pghistory
from django.db import models

from caseloop.accounts.history import HistoryEvent
from caseloop.cases.models import Case, Contact, Organization, Queue
from caseloop.domain.facts import ProtectionEffect


@pghistory.track(base_model=HistoryEvent)
class Protection(models.Model):
    """What is never automated, or at most with confirmation: by a condition, or by one record."""

    name = models.CharField(max_length=100, unique=True)
    effect = models.CharField(max_length=15, choices=[(e.value, e.value) for e in ProtectionEffect])
    conditions = models.JSONField(null=True, blank=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="protections")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="protections"
    )
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, null=True, blank=True, related_name="protections")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, blank=True, related_name="protections")
    is_active = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(conditions__isnull=False)
                | models.Q(contact__isnull=False)
                | models.Q(organization__isnull=False)
                | models.Q(queue__isnull=False)
                | models.Q(case__isnull=False),
                name="protection_protects_something",
            )
        ]

    def __str__(self) -> str:
        return self.name

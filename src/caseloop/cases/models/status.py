"""The fixed statuses, and the reasons that administrators name beneath them (spec 7.1)."""

from __future__ import annotations

from django.db import models

from caseloop.domain.lifecycle import CaseStatus

STATUSES = [(status.value, status.value.capitalize()) for status in CaseStatus]


class StatusReason(models.Model):
    """A named reason that belongs to one status; `key` marks the shipped ones that code looks for."""

    name = models.CharField(max_length=60, unique=True)
    status = models.CharField(max_length=10, choices=STATUSES)
    key = models.CharField(max_length=30, unique=True, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    is_available = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class StatusTransition(models.Model):
    """An allowed move; a reason without any row as its origin may go anywhere."""

    origin = models.ForeignKey(StatusReason, on_delete=models.CASCADE, related_name="moves")
    target = models.ForeignKey(StatusReason, on_delete=models.CASCADE, related_name="arrivals")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "target"], name="one_transition")]

    def __str__(self) -> str:
        return f"{self.origin} → {self.target}"

"""Time that does not count as waiting (spec 1.4)."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models import Organization, Queue
from caseloop.followups.models.rule import Rule


class Pause(models.Model):
    """All series, or those of one queue, rule or organization, stand still from `since` to `until`."""

    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, null=True, blank=True, related_name="pauses")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, null=True, blank=True, related_name="pauses")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="pauses"
    )
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="pause_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"

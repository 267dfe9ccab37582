"""What we think a reply says, and what a person said instead (spec 5.5, 3.6)."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.domain.facts import Label, Verdict
from caseloop.mail.models import Message

LABELS = [(label.value, label.value.capitalize()) for label in Label]


class Reading(models.Model):
    """One reading per inbound mail; a correction replaces the label and keeps what was read first."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    label = models.CharField(max_length=12, choices=LABELS)
    first_label = models.CharField(max_length=12, choices=LABELS)
    confidence = models.FloatField()
    words = models.JSONField(default=list)
    resume_on = models.DateField(null=True)
    automatic_kind = models.CharField(max_length=15, blank=True)
    is_only_thanks = models.BooleanField(default=False)
    is_wrong_person = models.BooleanField(default=False)
    read_by = models.CharField(max_length=60)
    read_at = models.DateTimeField()
    corrected_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(
        max_length=20,
        blank=True,
        choices=[(v.value, v.value) for v in Verdict],
        help_text="What a person decided about it",
    )
    verdict_at = models.DateTimeField(null=True)
    verdict_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.message_id}: {self.label}"

"""The email templates that people edit, with their texts per language."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from caseloop.accounts.history import HistoryEvent


class Purpose(models.TextChoices):
    FIRST = "first", "First follow-up"
    SECOND = "second", "Second follow-up"
    LAST = "last", "Last follow-up"
    REPLY = "reply", "Reply"
    CLOSING_NOTICE = "closing_notice", "Closing notice"


class EmailTemplate(models.Model):
    """A letter for one purpose, in one or more languages (spec 5.1)."""

    name = models.CharField(max_length=100, unique=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    description = models.CharField(max_length=300, blank=True)
    lines_of_business = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    may_be_recommended = models.BooleanField(default=True)
    is_global_default = models.BooleanField(default=False)
    default_language = models.CharField(max_length=8, default="en")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=models.Q(is_global_default=True), name="one_default_per_purpose"
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(base_model=HistoryEvent)
class EmailTemplateText(models.Model):
    """The words of a template in one language; `version` grows with each edit, so compiled ones are found again."""

    template = models.ForeignKey(EmailTemplate, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    version = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="one_text_per_language")]

    def __str__(self) -> str:
        return f"{self.template} ({self.language})"

"""Fields that an administrator adds to the case (spec 7.5)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class FieldType(models.TextChoices):
    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    FLAG = "flag", "Yes or no"
    DATE = "date", "Date"
    TIME = "time", "Date and time"
    CHOICE = "choice", "Choice"


class CustomField(models.Model):
    """A typed field; its values live in `Case.custom` under `key`, checked when they are written."""

    key = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=100)
    type = models.CharField(max_length=10, choices=FieldType.choices)
    choices = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    is_required_to_resolve = models.BooleanField(default=False)

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label

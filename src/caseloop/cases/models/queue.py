"""Where cases wait, and who may see them."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import Team


class Queue(models.Model):
    """A place where cases wait; open to all, or to its teams only (spec 1.1)."""

    name = models.CharField(max_length=100, unique=True)
    is_open_to_all = models.BooleanField(default=True)
    teams = models.ManyToManyField(Team, related_name="queues", blank=True)
    line_of_business = models.CharField(max_length=60, blank=True)
    allows_models = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

"""One automatic mail per address in 24 hours, over all cases (spec 3.12)."""

from __future__ import annotations

from django.db import models


class ContactSlot(models.Model):
    """The last automatic mail to an address; taken by a conditional upsert, so two workers can't both have it."""

    address = models.CharField(max_length=254, primary_key=True)
    taken_at = models.DateTimeField()
    message_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.address} at {self.taken_at}"

"""Which mails is a worker handing over right now, and how many has a mailbox sent lately?"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from caseloop.mail.models.mailbox import Mailbox


class SendingClaim(models.Model):
    """One worker's claim on up to 100 messages in state *sending* (their `claim`); gone when the last is recorded.

    `begun` names the few whose hand-over may have begun: only those are in doubt when the worker dies (spec 4.3, P6).
    `alive_at` is true time, never the demo's clock, which jumps.
    """

    id = models.UUIDField(primary_key=True)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="claims")
    begun = ArrayField(models.BigIntegerField(), default=list)
    alive_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.id} of {self.mailbox_id}"


class SendingCount(models.Model):
    """How many mails a mailbox sent in one minute, for its limits (spec 4.8); counted when they are claimed."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+", db_index=False)
    minute = models.DateTimeField()
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "minute"], name="one_count_per_minute")]

    def __str__(self) -> str:
        return f"{self.mailbox_id} at {self.minute}: {self.mails}"

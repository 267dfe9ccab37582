"""What the mail server gave us, byte for byte, before anybody made sense of it (spec 4.4)."""

from __future__ import annotations

from django.db import models

from caseloop.domain.lifecycle import InboundState
from caseloop.mail.models.mailbox import Mailbox
from caseloop.mail.models.message import Message

STATES = [(state.value, state.value.capitalize()) for state in InboundState]


class InboundMail(models.Model):
    """Raw bytes, stored in a transaction of their own; `message` is what processing made of them."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="inbound", db_index=False)
    folder = models.CharField(max_length=200)
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    raw = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    fetched_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=STATES, default=InboundState.STORED.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="copies")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "folder", "uidvalidity", "uid"], name="stored_once")]
        indexes = [
            models.Index(fields=["mailbox", "id"], condition=models.Q(state="stored"), name="inbound_waiting"),
            models.Index(fields=["id"], condition=models.Q(state="unreadable"), name="inbound_unreadable"),
        ]

    def __str__(self) -> str:
        return f"{self.mailbox_id}/{self.folder}/{self.uid}"

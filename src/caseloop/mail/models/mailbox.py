"""An account that we send from and read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from caseloop.cases.models import Queue


class Security(models.TextChoices):
    TLS = "tls", "TLS"
    STARTTLS = "starttls", "STARTTLS"
    NONE = "none", "None (only for servers on this machine)"


class Mailbox(models.Model):
    """A shared mailbox (spec 1.2, 4.1): how to reach it, and how far it has been read.

    `read_through_at` is the time up to which a positive answer of the server covers *all* watched folders; only the
    holder of the reading lease writes it, with its `fencing` number (spec 3.3, design 1).
    """

    name = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=254, unique=True)
    sender_name = models.CharField(max_length=100, blank=True)
    queues = models.ManyToManyField(Queue, related_name="mailboxes", blank=True)
    is_default = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, default="UTC")

    smtp_host = models.CharField(max_length=200)
    smtp_port = models.PositiveIntegerField(default=587)
    smtp_security = models.CharField(max_length=10, choices=Security.choices, default=Security.STARTTLS)
    imap_host = models.CharField(max_length=200)
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=10, choices=Security.choices, default=Security.TLS)
    username = models.CharField(max_length=200, blank=True)
    secret = models.BinaryField(blank=True, default=b"", help_text="Encrypted; see administration/secrets.py")
    watched_folders = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="Besides the inbox and junk"
    )
    allows_plus_addresses = models.BooleanField(default=False)
    trusted_authserv_id = models.CharField(max_length=200, blank=True)
    per_minute = models.PositiveIntegerField(default=600)
    per_day = models.PositiveIntegerField(default=10000)

    connected_at = models.DateTimeField(null=True, blank=True)
    read_wanted_at = models.DateTimeField(null=True, blank=True)
    read_through_at = models.DateTimeField(null=True, blank=True)
    last_arrival_at = models.DateTimeField(null=True, blank=True)
    probe_sent_at = models.DateTimeField(null=True, blank=True)
    probe_message_id = models.CharField(max_length=300, blank=True)
    probe_folder = models.CharField(max_length=200, blank=True, help_text="Where the last probe came back")
    reader = models.UUIDField(null=True, blank=True)
    reader_until = models.DateTimeField(null=True, blank=True)
    fencing = models.BigIntegerField(default=0)
    reading_error = models.CharField(max_length=500, blank=True)
    sending_error = models.CharField(max_length=500, blank=True)
    slow_down_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_mailbox"
            )
        ]

    def __str__(self) -> str:
        return self.address


class MailFolder(models.Model):
    """How far one watched folder has been read: everything up to `last_uid` under `uidvalidity` is stored."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="folders")
    name = models.CharField(max_length=200)
    is_junk = models.BooleanField(default=False)
    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, help_text="What arrived before was never asked for (spec 4.7)")
    renumbered_to = models.BigIntegerField(
        default=0, help_text="UIDs up to this one lay here when the server numbered the folder anew"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "name"], name="one_row_per_folder")]

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.name}"

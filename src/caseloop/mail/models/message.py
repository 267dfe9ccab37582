"""One mail, in or out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models import Activity, Case
from caseloop.database.loading import QuickLoading
from caseloop.domain.lifecycle import MessageState
from caseloop.mail.models.mailbox import Mailbox

OUT_STATES = [(state.value, state.value.capitalize()) for state in MessageState]


class MessageDirection(models.TextChoices):
    IN = "in", "In"
    OUT = "out", "Out"


class Origin(models.TextChoices):
    """Who wrote and sent one of our mails."""

    PERSON = "person", "Written and sent by a person"
    CONFIRMED = "confirmed", "Drafted by the assistant, sent by a person"
    AUTOMATIC = "automatic", "Written and sent by the assistant"


class InboundKind(models.TextChoices):
    """What an inbound mail is, by `reading/` alone."""

    HUMAN = "human", "From a person"
    AUTOMATIC = "automatic", "Automatic reply"
    UNDELIVERABLE = "undeliverable", "Undeliverable"
    OTHER = "other", "Neither"
    UNREADABLE = "unreadable", "Could not be read"


class Bounce(models.TextChoices):
    """Why one of ours did not arrive (spec 3.8)."""

    PERMANENT = "permanent", "The address does not exist"
    TEMPORARY = "temporary", "Could not be delivered for now"
    REFUSED = "refused", "Refused by the receiving server"
    GONE = "gone", "The person has left"


class Message(QuickLoading):
    """A mail of a case, or one that no case was found for (`case` is null).

    Out: moves through `lifecycle.MESSAGE`; `sent_at` is when the mail server accepted it. In: `received_at` is our
    fetch time, never the Date header (spec 4.4). `occurred_at` is whichever of them applies, else when it was written.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="messages", db_index=False)
    direction = models.CharField(max_length=3, choices=MessageDirection.choices)
    activity = models.OneToOneField(Activity, on_delete=models.SET_NULL, null=True, related_name="message")
    message_id = models.CharField(max_length=998, blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = ArrayField(models.CharField(max_length=998), default=list)
    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=320, blank=True)
    to_addresses = ArrayField(models.CharField(max_length=320), default=list)
    cc_addresses = ArrayField(models.CharField(max_length=320), default=list)
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    occurred_at = models.DateTimeField()

    # out
    state = models.CharField(max_length=12, choices=OUT_STATES, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, blank=True)
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    letter = models.JSONField(default=dict, help_text="Which template or writer, which version, and why")
    restarts_count = models.BooleanField(default=False)
    promises = models.CharField(max_length=300, blank=True, help_text="Our promise in it, in its own words")
    closes_on = models.DateField(null=True, help_text="The closing date that it tells the customer")
    sets_status_reason = models.ForeignKey(
        "cases.StatusReason", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    doubted_at = models.DateTimeField(
        null=True,
        help_text="When it became uncertain whether the server took it, UTC; if it did, it was before that",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    server_reply = models.CharField(max_length=500, blank=True)
    refused_recipients = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True)
    bounce = models.CharField(max_length=10, choices=Bounce.choices, blank=True)
    bounced_at = models.DateTimeField(null=True)
    evidence = models.JSONField(default=dict, help_text="The last look before the hand-over (spec 3.3)")

    # in
    kind = models.CharField(max_length=13, choices=InboundKind.choices, blank=True)
    automatic_kind = models.CharField(max_length=15, blank=True)
    new_text = models.TextField(blank=True)
    resume_on = models.DateField(null=True)
    is_trusted = models.BooleanField(
        default=False, help_text="From an address of the case's contact, not failing DMARC"
    )
    match = models.CharField(max_length=40, blank=True, help_text="How its case was found")
    opened_at = models.DateTimeField(null=True, help_text="When a person first opened it (spec 3.6)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_id"], condition=~models.Q(message_id=""), name="one_message_per_message_id"
            ),
            models.CheckConstraint(
                condition=models.Q(direction="out", state__gt="", kind="")
                | models.Q(direction="in", state="", kind__gt=""),
                name="message_is_in_or_out",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False), name="sent_has_its_time"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-occurred_at"], name="message_of_case"),
            models.Index(
                fields=["mailbox", "not_before", "id"],
                condition=models.Q(state="approved"),
                name="message_to_send",
            ),
            models.Index(
                fields=["state", "claimed_at"],
                condition=models.Q(state__in=["sending", "unconfirmed"]),
                name="message_in_flight",
            ),
            models.Index(
                fields=["from_address", "-occurred_at"],
                condition=models.Q(direction="in"),
                name="message_sender",
            ),
            models.Index(
                fields=["sent_at"],
                condition=models.Q(state="sent", activity__isnull=True),
                name="message_unrecorded",
            ),
            models.Index(
                fields=["case"],
                condition=models.Q(direction="in", kind__in=["human", "unreadable"], opened_at__isnull=True),
                name="message_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"Message {self.pk}"

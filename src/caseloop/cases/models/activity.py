"""An entry in a case's timeline, or open work on it."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models.case import Case
from caseloop.database.loading import QuickLoading


class ActivityKind(models.TextChoices):
    EMAIL = "email", "Email"
    NOTE = "note", "Note"
    TASK = "task", "Task"
    PHONE_CALL = "phone_call", "Phone call"
    APPOINTMENT = "appointment", "Appointment"
    CHAT = "chat", "Chat"
    VISIT = "visit", "Visit"
    PORTAL = "portal", "Portal entry"
    CHANGE = "change", "Change"
    SERIES = "series", "Series"


class Direction(models.TextChoices):
    IN = "in", "From the customer"
    OUT = "out", "To the customer"
    INTERNAL = "internal", "Internal"


class ActivityState(models.TextChoices):
    OPEN = "open", "Open"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


ANSWER_KINDS = (ActivityKind.PHONE_CALL, ActivityKind.CHAT, ActivityKind.VISIT, ActivityKind.PORTAL)


class Activity(QuickLoading):
    """One thing that happened or has to be done; append-only but for the state of open work."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="activities", db_index=False)
    kind = models.CharField(max_length=15, choices=ActivityKind.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.INTERNAL)
    state = models.CharField(max_length=10, choices=ActivityState.choices, default=ActivityState.COMPLETED)
    subject = models.CharField(max_length=998)
    body = models.TextField(blank=True)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="activities", db_index=False
    )
    is_automatic = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "-occurred_at"], name="activity_timeline"),
            models.Index(fields=["case"], condition=models.Q(state="open"), name="activity_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"

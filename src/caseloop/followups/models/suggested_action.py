"""An action that waits for, or was given, approval; under full automation the application user approves at once.

It is also the record that spec 3.11 asks for: who, when, by which rule and version, why, on what evidence, and what
would have stopped it.
"""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models import Case, Resolution
from caseloop.database.loading import QuickLoading
from caseloop.domain.actions import SuggestionKind
from caseloop.domain.lifecycle import SuggestionState
from caseloop.followups.models.enrolment import Enrolment
from caseloop.mail.models import Message

KINDS = [(kind.value, kind.value.replace("_", " ").capitalize()) for kind in SuggestionKind]
STATES = [(state.value, state.value.capitalize()) for state in SuggestionState]


class SuggestedAction(QuickLoading):
    """At most one open per case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="suggested_actions", db_index=False)
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.SET_NULL, null=True, related_name="actions", db_index=False
    )
    kind = models.CharField(max_length=20, choices=KINDS)
    state = models.CharField(max_length=12, choices=STATES, default=SuggestionState.PROPOSED.value)
    step = models.PositiveSmallIntegerField(null=True, help_text="The number of the follow-up")
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="action")
    answered_message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    resolution = models.OneToOneField(Resolution, on_delete=models.SET_NULL, null=True, related_name="action")
    summary = models.TextField(blank=True)
    rule_name = models.CharField(max_length=100, blank=True)
    rule_version = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=40, help_text="A word of domain.actions.Reason")
    why = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)
    would_stop = models.JSONField(default=list)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="decisions", db_index=False)
    done_at = models.DateTimeField(null=True)
    thumbs = models.SmallIntegerField(default=0)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["proposed", "approved"]),
                name="one_open_action_per_case",
            )
        ]
        indexes = [
            models.Index(fields=["case", "-created_at"], name="action_of_case"),
            models.Index(fields=["kind"], condition=models.Q(state="proposed"), name="action_open"),
            models.Index(fields=["enrolment", "done_at"], name="action_of_enrolment"),
            models.Index(fields=["created_at"], name="action_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.case_id} ({self.state})"

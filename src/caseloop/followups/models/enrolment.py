"""One case going through one policy; on screen: a series."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models import Case
from caseloop.database.loading import QuickLoading
from caseloop.domain.lifecycle import EnrolmentState
from caseloop.followups.models.rule import Rule

STATES = [(state.value, state.value.capitalize()) for state in EnrolmentState]


class Enrolment(QuickLoading):
    """`policy` is the copy of the rule (spec 2.7); the count of mails is asked of the mails, never stored."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="enrolments", db_index=False)
    rule_version = models.PositiveIntegerField()
    policy = models.JSONField()
    state = models.CharField(max_length=8, choices=STATES, default=EnrolmentState.RUNNING.value)
    started_at = models.DateTimeField()
    is_old_silence = models.BooleanField(default=False, help_text="Taken at activation: begins with a follow-up (2.13)")
    may_finish = models.BooleanField(
        default=False, help_text="Its rule was switched off, and running series may finish"
    )
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=30, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="running"), name="one_running_series_per_case"
            )
        ]
        indexes = [
            models.Index(fields=["case", "-started_at"], name="enrolment_of_case"),
            models.Index(fields=["rule", "-started_at"], name="enrolment_of_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.rule_id}"

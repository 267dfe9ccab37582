"""What administrators edit: which cases are followed up, how often, by whom, and when they are closed (spec 2.1)."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from caseloop.accounts.history import HistoryEvent
from caseloop.accounts.models import User
from caseloop.administration.models import BusinessCalendar, SendingTimes
from caseloop.cases.models import StatusReason
from caseloop.domain.lifecycle import RuleState
from caseloop.domain.policy import Level, OnFavorable

STATES = [(state.value, state.value.capitalize()) for state in RuleState]


@pghistory.track(base_model=HistoryEvent)
class Rule(models.Model):
    """Rules are ordered by `position`; a case takes the first active one that matches (spec 2.5)."""

    name = models.CharField(max_length=100, unique=True)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default=RuleState.INACTIVE.value)
    broken_reason = models.CharField(max_length=500, blank=True)
    conditions = models.JSONField(default=dict, blank=True, help_text="The tree of followups/conditions.py; {} is all")
    level = models.CharField(max_length=10, choices=[(v.value, v.value) for v in Level], default=Level.CONFIRM.value)
    trigger_status_reason = models.ForeignKey(
        StatusReason, on_delete=models.PROTECT, null=True, blank=True, related_name="rules"
    )
    trigger_context = models.BooleanField(default=False)
    follow_ups = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])
    waits = models.JSONField(help_text='One duration per follow-up: ["48 hours", "2 working days"]')
    templates = ArrayField(
        models.BigIntegerField(null=True),
        default=list,
        blank=True,
        help_text="A template per follow-up, or null",
    )
    counts_persons_mail = models.BooleanField("The last mail of a person is follow-up 1", default=True)
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, null=True, blank=True)
    sending_times = models.ForeignKey(SendingTimes, on_delete=models.PROTECT, null=True, blank=True)
    drafting_fields = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    resolution_fields = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    daily_cap = models.PositiveIntegerField(null=True, blank=True)
    on_favorable = models.CharField(
        max_length=10, choices=[(v.value, v.value) for v in OnFavorable], default=OnFavorable.KEEP.value
    )
    status_when_answered = models.ForeignKey(
        StatusReason, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status_after_step = models.ForeignKey(
        StatusReason, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status_at_resolve = models.ForeignKey(
        StatusReason, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closes_without_notice = models.BooleanField(default=False)
    sends_closing_notice = models.BooleanField(default=True)
    takes_silences_up_to_days = models.PositiveSmallIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(follow_ups__gte=1, follow_ups__lte=5), name="one_to_five_follow_ups"
            ),
            models.CheckConstraint(
                condition=models.Q(trigger_status_reason__isnull=False) | models.Q(trigger_context=True),
                name="rule_has_a_trigger",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(activated_at__isnull=False),
                name="active_since_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """The frozen policy of a rule as it was activated or changed while active; series keep a copy of it."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    policy = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="one_policy_per_version")]

    def __str__(self) -> str:
        return f"{self.rule} v{self.number}"

"""The record of how and why a case ended, and of its return."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models.activity import Activity
from caseloop.cases.models.case import Case
from caseloop.cases.models.status import StatusReason
from caseloop.database.loading import QuickLoading


class Resolution(QuickLoading):
    """One end of a case; without a `Reopening` it is the present one (spec 7.1)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="resolutions", db_index=False)
    status_reason = models.ForeignKey(
        StatusReason, on_delete=models.PROTECT, related_name="resolutions", db_index=False
    )
    text = models.TextField(blank=True)
    total_minutes = models.PositiveIntegerField(default=0)
    billable_minutes = models.PositiveIntegerField(default=0)
    remarks = models.TextField(blank=True)
    resolved_at = models.DateTimeField()
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="resolutions", db_index=False)
    is_automatic = models.BooleanField(default=False)
    former_status_reason = models.ForeignKey(StatusReason, on_delete=models.PROTECT, related_name="+", db_index=False)
    cancelled_activities = models.ManyToManyField(Activity, related_name="cancelled_by", blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-resolved_at"], name="resolution_latest")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.status_reason}"


class Reopening(models.Model):
    """A resolved case came back: when, through whom, and why."""

    resolution = models.OneToOneField(Resolution, on_delete=models.CASCADE, related_name="reopening")
    reopened_at = models.DateTimeField()
    reopened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reopenings")
    reason = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.resolution_id}: {self.reason}"

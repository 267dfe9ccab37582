"""What administrators set once for everything: global settings, calendars, flows."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from caseloop.accounts.history import HistoryEvent
from caseloop.accounts.models import User
from caseloop.administration.clock import ClockOffset as ClockOffset


class BusinessCalendar(models.Model):
    """Working hours and holidays in one zone (spec 1.3, 2.1). `hours` is `domain.calendar.Hours` as JSON."""

    name = models.CharField(max_length=100, unique=True)
    zone = models.CharField(max_length=64, default="UTC")
    hours = models.JSONField()
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    extra_holidays = ArrayField(models.DateField(), default=list, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_calendar"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SendingTimes(models.Model):
    """When automatic mail may go out (spec 4.8); an empty zone means the customer's own."""

    name = models.CharField(max_length=100, unique=True)
    zone = models.CharField(max_length=64, blank=True)
    hours = models.JSONField()
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, null=True, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_sending_times"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FlowKey(models.TextChoices):
    FOLLOW_UP = "case_follow_up_agent", "Case follow-up agent flow"
    CLOSURE = "case_closure_agent", "Case closure agent flow"
    REPRESENTATIVE = "case_closure_representative", "Case closure representative flow"


@pghistory.track(base_model=HistoryEvent)
class GlobalSettings(models.Model):
    """The one row of settings for the whole system (spec 1.3, 1.4, 1.7)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_on = models.BooleanField("Turn on case follow-up and closure", default=False)
    stopped_at = models.DateTimeField("All sending stopped at", null=True, blank=True)
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_live = models.BooleanField("Mail reaches customers", default=False)
    safe_addresses = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    safe_redirect = models.CharField(max_length=254, blank=True)
    flow_follow_up_on = models.BooleanField(default=True)
    flow_closure_on = models.BooleanField(default=True)
    flow_representative_on = models.BooleanField(default=True)
    uses_recommended_templates = models.BooleanField(default=False)
    fills_resolution_details = models.BooleanField(default=True)
    sender_name = models.CharField(max_length=100, default="Customer Support")
    tells_customers_it_is_automatic = models.BooleanField(default=True)
    records_feedback = models.BooleanField(default=True)
    needs_second_yes = models.BooleanField(default=True)
    reopen_window_days = models.PositiveSmallIntegerField(default=14)
    contact_budget_hours = models.PositiveSmallIntegerField(default=24)
    suggestions_per_day = models.PositiveSmallIntegerField(default=15)
    guard_first_hour = models.PositiveIntegerField("Acts of a rule in its first hour", default=20)
    guard_per_day = models.PositiveIntegerField("Acts a day without a manager's yes", default=200)
    guard_share_percent = models.PositiveSmallIntegerField("… in percent of the active cases", default=10)
    guard_times_median = models.PositiveSmallIntegerField("… in multiples of the rule's usual day", default=3)
    opens_cases_from_mail = models.BooleanField(default=True)
    quotes_previous_mail = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_row_of_global_settings")]

    def __str__(self) -> str:
        return "Global settings"

    @classmethod
    def current(cls) -> GlobalSettings:
        """The settings as they are now; the row is made with its defaults on first use."""
        row, _ = cls.objects.get_or_create(id=1)
        return row

"""How much a rule may do: the ramp after activation, and the daily bound (spec 2.11)."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.followups.models.rule import Rule


class RuleRamp(models.Model):
    """When the ramp of a rule began; it begins again after every stop longer than four hours."""

    rule = models.OneToOneField(Rule, on_delete=models.CASCADE, primary_key=True, related_name="ramp")
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text="When the loop last ran; a longer gap is a stop")
    no_resolving_before = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.rule_id} since {self.began_at}"


class GuardDay(models.Model):
    """A rule's day that went over its bound, waiting for or given a manager's yes."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="guard_days")
    day = models.DateField()
    reason = models.CharField(max_length=300)
    allowed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    allowed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="one_bound_per_rule_and_day")]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.day}"

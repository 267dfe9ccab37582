"""When is a case looked at next, and who is looking now?"""

from __future__ import annotations

from django.db import models

from caseloop.cases.models.case import Case
from caseloop.database.loading import QuickLoading


class CaseReview(QuickLoading):
    """The narrow row behind *mark, look, decide, act*; a mark takes the lease away, so an old look is thrown away."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="review")
    review_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rule_id = models.BigIntegerField(null=True, help_text="The rule that took the case when it was last looked at")
    waits_for_proof = models.BooleanField(default=False)
    closes_next = models.BooleanField(
        db_default=False,
        help_text="Its next look probably closes the case, and is done under its lock at once",
    )
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["review_at"], condition=models.Q(review_at__isnull=False), name="review_due"),
            models.Index(fields=["case"], condition=models.Q(waits_for_proof=True), name="review_waits_for_proof"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} at {self.review_at}"

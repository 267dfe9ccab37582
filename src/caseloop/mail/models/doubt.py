"""*Does this mail answer this case too?* One question per mail and case, until a person answers it (spec 3.14)."""

from __future__ import annotations

from django.db import models

from caseloop.accounts.models import User
from caseloop.cases.models import Case
from caseloop.mail.models.message import Message


class DoubtAnswer(models.TextChoices):
    YES = "yes", "Yes, it answers this case"
    NO = "no", "No"
    MOVED = "moved", "Moved here"


class MailDoubt(models.Model):
    """While unanswered it holds follow-ups and closing on `case`."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="doubts")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="doubts", db_index=False)
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=5, choices=DoubtAnswer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "case"], name="one_question_per_mail_and_case")]
        indexes = [
            models.Index(fields=["case"], condition=models.Q(answer=""), name="doubt_open"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} on {self.case_id}"

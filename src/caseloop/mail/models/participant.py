"""Who is on a case's thread?"""

from __future__ import annotations

from django.db import models

from caseloop.cases.models import Case


class Participant(models.Model):
    """An address that sent or received mail of the case, in lower case.

    `is_trusted`: we wrote to it, or a trusted mail named it. A stranger who only wrote in can hold a series, no more
    (spec 3.14), and gets no mail of ours (4.2: never anyone new).
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participants", db_index=False)
    address = models.CharField(max_length=320)
    is_trusted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "address"], name="on_a_thread_once")]
        indexes = [models.Index(fields=["address"], name="participant_address")]

    def __str__(self) -> str:
        return f"{self.address} on {self.case_id}"

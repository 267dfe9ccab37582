"""One customer problem, with a number."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Func, Value
from django.db.models.functions import Lower

from caseloop.accounts.history import HistoryEvent, SetInsertEvent, SetUpdateEvent
from caseloop.accounts.models import User
from caseloop.cases.models.people import Contact, Organization
from caseloop.cases.models.queue import Queue
from caseloop.cases.models.status import STATUSES, StatusReason
from caseloop.database.loading import QuickLoading
from caseloop.domain.lifecycle import CaseStatus

PRIORITIES = [("low", "Low"), ("normal", "Normal"), ("high", "High")]
NEXT_MOVES = [("none", "Nobody"), ("us", "Us"), ("customer", "The customer")]
KEPT_BY_THE_MAIL = [  # maintained beside each mail, so they make no history of their own
    "last_inbound_at",
    "last_inbound_kind",
    "last_inbound_subject",
    "last_outbound_at",
    "last_outbound_subject",
    "next_move",
    "updated_at",
    "title_folded",
]


@pghistory.track(
    SetInsertEvent(),
    SetUpdateEvent(),
    base_model=HistoryEvent,
    exclude=KEPT_BY_THE_MAIL,
    obj_field=pghistory.ObjForeignKey(related_name="history", db_index=True),
)
class Case(QuickLoading):
    """Written only by the verbs of `cases/changes.py`; its mail columns only by `cases/mail_columns.py`.

    No index has a column that mail changes, `updated_at` among them: so a mail's update touches no index at all.
    """

    number = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    title_folded = models.GeneratedField(
        expression=Lower(Func("title", Value("NFKC"), function="pg_catalog.normalize")),
        output_field=models.TextField(db_collation="C"),  # without a limit: one letter can fold to eighteen
        db_persist=True,
    )
    description = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=STATUSES, default=CaseStatus.ACTIVE.value)
    status_reason = models.ForeignKey(StatusReason, on_delete=models.PROTECT, related_name="cases")
    priority = models.CharField(max_length=10, choices=PRIORITIES, default="normal")
    subject = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=30, default="email")
    line_of_business = models.CharField(max_length=60, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children", db_index=False
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_cases", db_index=False
    )
    follows = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="followers", db_index=False
    )
    custom = models.JSONField(default=dict, blank=True)
    no_automation = models.BooleanField(default=False)
    hold_until = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    last_inbound_at = models.DateTimeField(null=True, blank=True)
    last_inbound_kind = models.CharField(max_length=20, blank=True)
    last_inbound_subject = models.CharField(max_length=998, blank=True, db_collation="C")
    last_outbound_at = models.DateTimeField(null=True, blank=True)
    last_outbound_subject = models.CharField(max_length=998, blank=True, db_collation="C")
    next_move = models.CharField(max_length=10, choices=NEXT_MOVES, default="none")

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(status=CaseStatus.ACTIVE.value), name="case_active"),
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="case_parent"),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="case_merged"),
            models.Index(fields=["follows"], condition=models.Q(follows__isnull=False), name="case_follows"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_case_per_number"),
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in CaseStatus]), name="case_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

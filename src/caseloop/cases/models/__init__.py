"""The case and all that belongs to it, one noun per file."""

from caseloop.cases.models.activity import Activity
from caseloop.cases.models.case import Case
from caseloop.cases.models.custom_field import CustomField
from caseloop.cases.models.people import Contact, ContactAddress, Organization
from caseloop.cases.models.queue import Queue
from caseloop.cases.models.resolution import Reopening, Resolution
from caseloop.cases.models.review import CaseReview
from caseloop.cases.models.status import StatusReason, StatusTransition

__all__ = [
    "Activity",
    "Case",
    "CaseReview",
    "Contact",
    "ContactAddress",
    "CustomField",
    "Organization",
    "Queue",
    "Reopening",
    "Resolution",
    "StatusReason",
    "StatusTransition",
]

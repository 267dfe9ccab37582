"""Which case is meant by an address, and may this reader see it?"""

from __future__ import annotations

from django.http import Http404

from caseloop.accounts.access import WorkspaceRequest
from caseloop.cases.models import Case
from caseloop.cases.visibility import visible_cases

WITH_ALL = ("status_reason", "contact", "organization", "owner", "queue", "parent", "merged_into", "follows")


def case_or_404(request: WorkspaceRequest, number: str, *related: str) -> Case:
    """The case with this number; one that the reader may not see is not there for them."""
    cases = visible_cases(request.user)
    if related:
        cases = cases.select_related(*related)
    case = cases.filter(number=number.upper()).first()
    if case is None:
        raise Http404(f"no case {number}")
    return case

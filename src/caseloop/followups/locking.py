"""In which order is locked? Cases first, in id order; then what hangs on them: reviews, suggestions, mails, series."""

from __future__ import annotations

from collections.abc import Iterable

from caseloop.cases.models import Case
from caseloop.database.lookups import Many


def lock_cases(case_ids: Iterable[int]) -> set[int]:
    """Lock these cases until the end of the transaction, in id order; returns those that exist.

    Whoever decides about a case under this lock sees everything that was decided about it before. Rows that only point
    to a case can be written meanwhile.
    """
    ids = sorted(set(case_ids))
    if not ids:
        return set()
    rows = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__any_of=Many(ids)).order_by("pk")
    return set(rows.values_list("pk", flat=True))

"""Which rules, each asked alone, cannot be asked at all?

It should not happen: comparisons never raise. When it does, one rule must not stop the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import (
    DataError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    transaction,
)

from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.matching import matching_cases
from caseloop.followups.models import Rule

ASKED_TOO_MUCH = "54"
"""The class of PostgreSQL's errors for statements that are too complex."""


def find_broken(
    rules: Sequence[Rule], now: datetime, case_ids: Sequence[int] | None = None, zone: str = "UTC"
) -> dict[int, str]:
    """The ids of rules that cannot be read or asked, each with one sentence that says why.

    Each is asked for by itself, among these cases or all active ones, in a savepoint. A lost connection is no
    rule's fault and is raised.
    """
    found = {rule.pk: _why(rule, now, case_ids, zone) for rule in rules}
    return {rule_id: why for rule_id, why in found.items() if why}


def _why(rule: Rule, now: datetime, case_ids: Sequence[int] | None, zone: str) -> str:
    try:
        with transaction.atomic():
            cases = matching_cases(rule, now, zone)
            (cases if case_ids is None else cases.filter(pk__in=case_ids)).count()
    except BadCondition as error:
        return f"Its condition cannot be read. {error}"
    except (DataError, ProgrammingError, InternalError, NotSupportedError) as error:
        return _refused(error)
    except OperationalError as error:
        if (getattr(error.__cause__, "sqlstate", None) or "").startswith(ASKED_TOO_MUCH):
            return _refused(error)
        raise
    return ""


def _refused(error: Exception) -> str:
    return f"The database refuses its condition: {str(error).splitlines()[0][:300]}"

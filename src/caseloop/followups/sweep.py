"""The safety sweep: marks make it fast, this makes it right (design 1).

Every 15 minutes, slice by slice of case ids, one query finds the active cases whose series would now begin, end or pass
to another rule, though nobody marked them: a related record was changed, a calendar day passed. They are marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import RuleState
from caseloop.followups.breaking import break_rules
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.matching import sql_of_all_active
from caseloop.followups.models import Rule

EVERY = timedelta(minutes=15)
SLICE = 50_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What only the sweep found."""

    found: int


def sweep(now: datetime, slice_size: int = SLICE) -> Swept:
    """Mark what nobody marked; safe to run by several workers at once. One short transaction per slice."""
    try:
        found = _sweep_slices(now, slice_size)
    except (DatabaseError, BadCondition):
        if not connection.is_usable() or not break_rules(now):
            raise
        found = _sweep_slices(now, slice_size)
    return Swept(found + mark(_forgotten(), now) + mark(_lost(), now))


def _sweep_slices(now: datetime, slice_size: int) -> int:
    rules = list(Rule.objects.filter(state=RuleState.ACTIVE.value).order_by("position", "id"))
    first, last = _ends()
    slices = range(first, last + 1, slice_size)
    return sum(mark(_differing(rules, start, start + slice_size, now), now) for start in slices)


def _ends() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM cases_case WHERE status = 'active'")
        low, high = cursor.fetchone() or (1, 0)
    return int(low), int(high)


def _differing(rules: list[Rule], start: int, end: int, now: datetime) -> list[int]:
    """Cases of the slice that another rule would take now than when they were last looked at.

    Sets are compared here and below, not joined: whatever stale statistics say, each table is read once.
    """
    taken, params = sql_of_all_active(rules, now, (start, end))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT case_id FROM (
                   SELECT case_id, rule_id FROM ({taken}) AS taken
                   EXCEPT SELECT case_id, rule_id FROM cases_casereview WHERE case_id >= %s AND case_id < %s) AS changed
            INTERSECT SELECT case_id FROM cases_casereview
             WHERE case_id >= %s AND case_id < %s AND lease IS NULL AND (review_at IS NULL OR review_at > %s)""",  # noqa: S608 - compiled by us, values are parameters
            [*params, start, end, start, end, now],
        )
        return [row[0] for row in cursor.fetchall()]


def _forgotten() -> list[int]:
    """Active cases that we have written to and that have no review row at all (imports by other roads)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM cases_case WHERE status = 'active' AND last_outbound_at IS NOT NULL
            EXCEPT SELECT case_id FROM cases_casereview
             ORDER BY 1 LIMIT 10000""",
        )
        return [row[0] for row in cursor.fetchall()]


def _lost() -> list[int]:
    """Running series that wait for no date and stand in nobody's list (P5), while nothing holds all series.

    None should ever be found: each is looked at again, and then waits for something that can be said.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.case_id FROM followups_enrolment e
              LEFT JOIN cases_casereview r ON r.case_id = e.case_id
             WHERE e.state = 'running' AND r.review_at IS NULL AND r.lease IS NULL
               AND NOT EXISTS (SELECT 1 FROM followups_suggestedaction a
                                WHERE a.case_id = e.case_id AND a.state IN ('proposed', 'approved'))
               AND NOT EXISTS (SELECT 1 FROM mail_maildoubt d WHERE d.case_id = e.case_id AND d.answer = '')
               AND NOT EXISTS (SELECT 1 FROM followups_pause p WHERE p.until IS NULL)
               AND EXISTS (SELECT 1 FROM administration_globalsettings g WHERE g.is_on AND g.stopped_at IS NULL)
             ORDER BY e.case_id LIMIT 10000""",
        )
        return [row[0] for row in cursor.fetchall()]

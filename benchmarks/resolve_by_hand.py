"""How fast can PostgreSQL write the rows of closings when nobody looks at the cases? Set statements, 200 at a time."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from benchmarks.measuring import measured
from benchmarks.processes import Line
from caseloop.accounts.models import User
from caseloop.administration import clock
from caseloop.cases.models import CaseReview, StatusReason

BATCH = 200


def close(line: Line) -> dict[str, float]:
    """Close the cases that are due, the longest due first."""
    due = CaseReview.objects.filter(review_at__lte=clock.now()).order_by("review_at")
    ids = list(due.values_list("pk", flat=True))
    agent = User.objects.application_user().pk
    reason = StatusReason.objects.get(key="no_response").pk
    line.wait()
    with measured() as spent:
        for first in range(0, len(ids), BATCH):
            values: dict[str, Any] = {"ids": ids[first : first + BATCH], "agent": agent, "reason": reason}
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in STATEMENTS:
                    cursor.execute(statement, values)
    return spent.told()


STATEMENTS = [
    """
    WITH resolved AS (
         INSERT INTO cases_resolution (case_id, status_reason_id, text, total_minutes, billable_minutes, remarks,
                resolved_at, resolved_by_id, is_automatic, former_status_reason_id)
         SELECT id, %(reason)s, 'The customer did not answer 3 emails since 13 Nov 2026.', 0, 0, '', now(), %(agent)s,
                true, status_reason_id
           FROM cases_case WHERE id = ANY(%(ids)s)
         RETURNING id, case_id),
    cancelled AS (
         UPDATE cases_activity a SET state = 'cancelled' FROM resolved r
          WHERE a.case_id = r.case_id AND a.state = 'open'
         RETURNING a.id, a.case_id),
    linked AS (
         INSERT INTO cases_resolution_cancelled_activities (resolution_id, activity_id)
         SELECT r.id, c.id FROM cancelled c JOIN resolved r ON r.case_id = c.case_id)
    INSERT INTO followups_suggestedaction (case_id, enrolment_id, kind, state, resolution_id, summary, rule_name,
           rule_version, reason, why, evidence, would_stop, created_at, decided_at, decided_by_id, done_at, thumbs,
           comment)
    SELECT r.case_id, e.id, 'resolve_case', 'done', r.id, 'Anna Löwenherz has not answered 3 mails.', 'Machines', 1,
           'silent', '["Rule “Machines”, fully automatic, version 1", "Status reason is On Hold", "3 mails"]',
           '{"deadline": "2026-11-21T10:00:00+00:00", "read_through": {"support@contoso.example": "2026-11-21"}}',
           '["an answer", "a call", "a hold"]', now(), now(), %(agent)s, now(), 0, ''
      FROM resolved r JOIN followups_enrolment e ON e.case_id = r.case_id AND e.state = 'running'""",
    """
    UPDATE cases_case SET status = 'resolved', status_reason_id = %(reason)s, next_move = 'none', hold_until = NULL,
           hold_reason = '', version = version + 1, updated_at = now()
     WHERE id = ANY(%(ids)s)""",
    """
    UPDATE followups_enrolment SET state = 'ended', ended_at = now(), end_reason = 'resolved_silent',
           ended_by_id = %(agent)s
     WHERE case_id = ANY(%(ids)s) AND state = 'running'""",
    """
    INSERT INTO cases_activity (case_id, kind, direction, state, subject, body, actor_id, is_automatic, occurred_at)
    SELECT id, kind, 'internal', 'completed', said, 'The customer did not answer 3 emails since 13 Nov 2026.',
           %(agent)s, true, now()
      FROM cases_case, (VALUES ('change', 'Resolved: No Response'), ('series', 'Series ended')) AS v(kind, said)
     WHERE id = ANY(%(ids)s)""",
    """
    UPDATE cases_casereview SET review_at = NULL, lease = NULL, leased_until = NULL, attempts = 0
     WHERE case_id = ANY(%(ids)s)""",
]

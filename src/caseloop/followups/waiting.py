"""Which cases are brought back at once: those that wait for a mailbox, and all that wait when something above changes?

Marks of single cases are made where the case changes (`cases/marking.py`); these two are made for many at once.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def on_read(mailbox_id: int, now: datetime) -> int:
    """Bring back the cases that wait for a proof of silence from this mailbox; returns how many.

    Their rows are taken in case-id order, as everybody takes them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH waiting AS MATERIALIZED (
                 SELECT r.case_id FROM cases_casereview r
                  WHERE r.waits_for_proof
                    AND EXISTS (SELECT 1 FROM mail_message m WHERE m.case_id = r.case_id AND m.mailbox_id = %s)
                  ORDER BY r.case_id FOR UPDATE OF r)
            UPDATE cases_casereview r SET review_at = %s, waits_for_proof = false, lease = NULL, leased_until = NULL
              FROM waiting WHERE r.case_id = waiting.case_id""",
            [mailbox_id, now],
        )
        return int(cursor.rowcount)


def mark_waiting(now: datetime) -> None:
    """Every active case that we have written to is looked at, the longest silence first (spec 2.11).

    For what changes above all cases: rules and their order, switches, protections, pauses, a manager's yes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO cases_casereview (case_id, review_at, attempts, waits_for_proof, last_error)
            SELECT id, least(last_outbound_at, %(now)s), 0, false, '' FROM cases_case
             WHERE status = 'active' AND last_outbound_at IS NOT NULL ORDER BY id
            ON CONFLICT (case_id) DO UPDATE SET review_at = excluded.review_at, lease = NULL,
                   leased_until = NULL, attempts = 0, waits_for_proof = false""",
            {"now": now},
        )

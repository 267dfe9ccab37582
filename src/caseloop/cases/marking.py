"""*Mark*: whatever changes a case brings it back under the eyes of the loop, and a running look loses its lease."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection


def mark(case_ids: Iterable[int], now: datetime, *, unless_planned: bool = False) -> int:
    """These cases are looked at as soon as possible; returns how many. Safe to call twice, in any transaction.

    A look that is going on loses its lease, so its result is thrown away (design 1). Rows are taken in case-id order.
    `unless_planned` is for what a look has foreseen: a case that nobody looks at now, and that will be looked at later,
    keeps its date.
    """
    ids = sorted(set(case_ids))
    if not ids:
        return 0
    planned = (
        " WHERE cases_casereview.lease IS NOT NULL OR cases_casereview.review_at IS NULL" if unless_planned else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_casereview (case_id, review_at, attempts, waits_for_proof, last_error)"
            " SELECT unnest(%s::bigint[]), %s, 0, false, ''"
            " ON CONFLICT (case_id) DO UPDATE"
            " SET review_at = excluded.review_at, lease = NULL, leased_until = NULL, attempts = 0,"
            f" waits_for_proof = false{planned}",
            [ids, now],
        )
        return int(cursor.rowcount)

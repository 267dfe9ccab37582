"""Keeping who is on a case's thread."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def remember(rows: Iterable[tuple[int, str]], *, is_trusted: bool) -> None:
    """These (case, address) pairs are on the thread; trust is only ever added. Safe to repeat."""
    pairs = sorted({(case_id, address.lower()[:320]) for case_id, address in rows if address})
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mail_participant (case_id, address, is_trusted)
            SELECT case_id, address, %s FROM unnest(%s::bigint[], %s::text[]) AS p(case_id, address)
            ON CONFLICT (case_id, address) DO UPDATE SET is_trusted = true
             WHERE excluded.is_trusted AND NOT mail_participant.is_trusted""",
            [is_trusted, [case_id for case_id, _ in pairs], [address for _, address in pairs]],
        )

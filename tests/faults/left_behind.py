"""What did a killed worker leave behind: is it a state that we have seen before?

A kill between two commits leaves what a kill right after the first of them leaves. That is not assumed here but looked
at: everything in all tables and all that the mail server accepted, without what is different in every run (random ids,
and the database's own clock).
"""

from __future__ import annotations

import hashlib

from django.db import connection

from tests.faults.world import Play

OWN_CLOCK = ["alive_at", "reader_until", "updated_at", "pgh_created_at"]
RANDOM = r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{24}(?=@)|\.[0-9]+(?=\+00:00)"
"""UUIDs, Message-IDs, and what is less than a second: a hand-over takes what it takes."""

_TABLE = """
SELECT '{table}' AS name, md5(coalesce(string_agg(row, '|' ORDER BY row), '')) AS rows
  FROM (SELECT regexp_replace((to_jsonb(t) - %(own_clock)s::text[])::text, %(random)s, '', 'g') AS row FROM {table} t) r"""


def left_behind(play: Play) -> str:
    """A digest; two runs with the same one are in the same state."""
    with connection.cursor() as cursor:
        tables = [_TABLE.format(table=table) for table in connection.introspection.table_names(cursor)]
        cursor.execute(
            f"SELECT md5(string_agg(name || rows, '|' ORDER BY name)) FROM ({' UNION ALL '.join(tables)}) a",
            {"own_clock": OWN_CLOCK, "random": RANDOM},
        )
        (digest,) = cursor.fetchone()
    arrived = [(mail.recipients, len(mail.raw)) for mail in play.sink.accepted]
    return hashlib.md5(f"{digest} {arrived}".encode()).hexdigest()

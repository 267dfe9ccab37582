"""How many are there, without counting further than anybody reads?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

CAP = 1000


def capped_counts(sets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """The size of each set in one statement; `CAP + 1` stands for all that is more."""
    columns: list[str] = []
    values: list[Any] = []
    for rows in sets.values():
        try:
            sql, params = rows.order_by().values("pk")[: CAP + 1].query.sql_with_params()
        except EmptyResultSet:
            columns.append("0")
            continue
        columns.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django wrote the inner statement
        values += params
    if not columns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", values)
        return dict(zip(sets, cursor.fetchone() or (), strict=True))

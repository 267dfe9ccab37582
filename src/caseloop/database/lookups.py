"""How is a column compared with hundreds of values without a placeholder for each of them?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler


class Many:
    """Values that Django passes on as they are; a list it would walk through several times, value by value."""

    __slots__ = ("values",)

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = list(values)


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`filter(pk__any_of=ids)`: as `pk__in`, but the values go over as one array, and the text of the query is the same
    for any number of them. For numbers and text, in any iterable; hundreds of them better as `Many(ids)`."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        values = self.rhs.values if isinstance(self.rhs, Many) else list(self.rhs)
        return f"{column} = ANY(%s)", (*params, values)

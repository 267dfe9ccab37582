"""How is a column compared with hundreds of values without a placeholder for each of them?"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`filter(pk__any_of=ids)`: as `pk__in`, but the values go over as one array, and the text of the query is the same
    for any number of them. For numbers and text; the values may be any iterable."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, list(self.rhs))

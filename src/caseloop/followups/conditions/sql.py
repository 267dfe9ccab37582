"""Of what is the SQL of conditions built? Patterns with expressions in them; parameters filled in later."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any, TypeAlias

from django.db.models import BooleanField, DateField, DateTimeField, Expression, Field, Func, Value

from caseloop.domain.zones import local_date


class Sql(Func):
    """An expression written as SQL: each `{}` stands for the next argument; a text names a column."""

    def __init__(self, pattern: str, *expressions: Any, output_field: Field[Any, Any] | None = None) -> None:
        self.pattern = pattern
        super().__init__(*expressions, output_field=output_field or BooleanField())

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        compiled = [compiler.compile(source) for source in self.get_source_expressions()]
        texts = [text for text, _ in compiled]
        return self.pattern.format(*texts), [param for _, params in compiled for param in params]


def joined(word: str, parts: list[Expression]) -> Expression:
    """The parts between brackets, in this order."""
    return Sql(f"({word.join(['{}'] * len(parts))})", *parts)


def negated(part: Expression) -> Expression:
    return Sql("NOT {}", part)


@dataclass(frozen=True, slots=True)
class Run:
    """What a statement is run with. `now` is aware; ids run from `from_id` up to, but without, `to_id`."""

    now: datetime
    case_ids: tuple[int, ...] = ()
    from_id: int = 0
    to_id: int = 2**63 - 1


class Later(ABC):
    """A parameter whose value is known only when the statement runs, so that its text can be kept."""

    field: Field[Any, Any]

    @abstractmethod
    def value(self, run: Run) -> Any:
        """What PostgreSQL is given."""


Parameters: TypeAlias = Callable[[Later], Expression]
"""How a `Later` becomes an expression: `Kept`, or `known(run)`."""


class Kept(Expression):
    """Leaves the `Later` itself among the parameters, until `filled`."""

    def __init__(self, later: Later) -> None:
        self.later = later
        super().__init__(output_field=later.field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self.later]


def known(run: Run) -> Parameters:
    """For a statement that is run once, with these values."""
    return lambda later: Value(later.value(run), output_field=later.field)


def filled(params: Sequence[Any], run: Run) -> list[Any]:
    """The parameters of a statement, each `Later` among them replaced by its value for this run."""
    return [param.value(run) if isinstance(param, Later) else param for param in params]


@dataclass(frozen=True, slots=True)
class Now(Later):
    field = DateTimeField()

    def value(self, run: Run) -> datetime:
        return run.now


@dataclass(frozen=True, slots=True)
class DaysAgo(Later):
    """The moment so many days, of 24 hours each, before now."""

    days: Decimal
    field = DateTimeField()

    def value(self, run: Run) -> datetime:
        return run.now - as_time(self.days)


@dataclass(frozen=True, slots=True)
class Today(Later):
    """The calendar day in the zone, less some whole days."""

    zone: str
    less: int = 0
    field = DateField()

    def value(self, run: Run) -> Any:
        return local_date(run.now, self.zone) - timedelta(days=self.less)


def as_time(days: Decimal) -> timedelta:
    """Days of 24 hours each, to the microsecond."""
    return timedelta(microseconds=int(days * 86_400_000_000))


def last_day_older(days: Decimal) -> int:
    """So many days ago is the latest date that is older than `days` calendar days."""
    return floor(days) + 1


def first_day_newer(days: Decimal) -> int:
    """So many days ago is the earliest date that is newer than `days` calendar days."""
    return ceil(days) - 1

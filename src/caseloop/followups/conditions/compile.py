"""How is a condition asked in SQL? Every comparison is two-valued and never raises (spec 2.2).

A value that is missing or of the wrong type is NULL, an empty text counts as missing, and each comparison
ends in `COALESCE(…, false)`; so NOT turns it true, the same for every kind of field. Texts are compared
normalized (NFKC) and in lower case, both sides by PostgreSQL's own rules; `strpos` and its like know no
wildcards, so there is nothing to escape. Inside CASE PostgreSQL keeps the written order of AND and OR, so
what is cheap comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_never

from django.db.models import DateField, DateTimeField, DecimalField, Expression, TextField, Value

from caseloop.domain.zones import start_of_day
from caseloop.followups.conditions.columns import Test, folded_value, of_some_value, present
from caseloop.followups.conditions.fields import Source, Type
from caseloop.followups.conditions.operators import NEGATES, Operator
from caseloop.followups.conditions.sql import (
    DaysAgo,
    Kept,
    Parameters,
    Sql,
    Today,
    first_day_newer,
    joined,
    last_day_older,
    negated,
)
from caseloop.followups.conditions.tree import AllOf, AnyOf, Comparison, Condition, Not


@dataclass(frozen=True, slots=True)
class Compiler:
    """`zone` says where days begin; `parameter` whether the moment of asking is known yet."""

    zone: str = "UTC"
    parameter: Parameters = Kept

    def condition(self, condition: Condition) -> Expression:
        """A boolean expression over `Case` that is never NULL."""
        match condition:
            case AllOf(()):
                return Sql("TRUE")
            case AllOf(parts):
                return joined(" AND ", [self.condition(part) for part in by_cost(parts)])
            case AnyOf(parts):
                return joined(" OR ", [self.condition(part) for part in by_cost(parts)])
            case Not(part):
                return negated(self.condition(part))
            case Comparison():
                return self.comparison(condition)
            case _:
                assert_never(condition)

    def comparison(self, leaf: Comparison) -> Expression:
        field, operator = leaf.field, leaf.operator
        if operator is Operator.IS_EMPTY:
            return negated(present(field))
        if operator is Operator.IS_NOT_EMPTY:
            return present(field)
        if operator in NEGATES:
            positive = Comparison(field, NEGATES[operator], leaf.value)
            return joined(" AND ", [present(field), negated(self.comparison(positive))])
        return of_some_value(field, self._test(leaf))

    def _test(self, leaf: Comparison) -> Test:
        match leaf.field.type:
            case Type.TEXT | Type.TEXTS:
                return _text_test(leaf.operator, leaf.value)
            case Type.CHOICE if leaf.field.source is Source.CUSTOM:
                return _text_test(leaf.operator, leaf.value)
            case Type.CHOICE:
                return _plain_test(leaf.operator, leaf.value, TextField())
            case Type.NUMBER:
                return _plain_test(leaf.operator, leaf.value, DecimalField())
            case Type.FLAG:
                return lambda flag: Sql("{} IS TRUE" if leaf.operator is Operator.IS_TRUE else "{} IS FALSE", flag)
            case Type.AGE:
                return self._age_test(leaf.operator, leaf.value)
            case Type.TIME:
                return self._time_test(leaf.operator, leaf.value)
            case Type.DATE:
                return self._date_test(leaf.operator, leaf.value)

    def _age_test(self, operator: Operator, days: Any) -> Test:
        signs = {
            Operator.GREATER_THAN: "{} < {}",
            Operator.AT_LEAST: "{} <= {}",
            Operator.LESS_THAN: "{} > {}",
            Operator.AT_MOST: "{} >= {}",
        }
        return lambda since: Sql(signs[operator], since, self.parameter(DaysAgo(days)))

    def _time_test(self, operator: Operator, value: Any) -> Test:
        match operator, value:
            case Operator.OLDER_THAN, Decimal():
                return self._age_test(Operator.GREATER_THAN, value)
            case Operator.NEWER_THAN, Decimal():
                return self._age_test(Operator.LESS_THAN, value)
            case Operator.ON, date():
                return lambda at: Sql("({} >= {} AND {} < {})", at, self._begin(value), at, self._end(value))
            case Operator.BEFORE, date():
                return lambda at: Sql("{} < {}", at, self._begin(value))
            case Operator.AFTER, datetime():
                return lambda at: Sql("{} > {}", at, self._begin(value))
            case Operator.AFTER, date():
                return lambda at: Sql("{} >= {}", at, self._end(value))
        raise AssertionError(operator)

    def _begin(self, value: date) -> Value:
        at = value if isinstance(value, datetime) else start_of_day(value, self.zone)
        return Value(at, output_field=DateTimeField())

    def _end(self, day: date) -> Value:
        return self._begin(day + timedelta(days=1))

    def _date_test(self, operator: Operator, value: Any) -> Test:
        match operator:
            case Operator.OLDER_THAN:
                return lambda day: Sql("{} <= {}", day, self.parameter(Today(self.zone, last_day_older(value))))
            case Operator.NEWER_THAN:
                return lambda day: Sql("{} >= {}", day, self.parameter(Today(self.zone, first_day_newer(value))))
        signs = {Operator.ON: "{} = {}", Operator.BEFORE: "{} < {}", Operator.AFTER: "{} > {}"}
        return lambda day: Sql(signs[operator], day, Value(value, output_field=DateField()))


def cost(condition: Condition) -> int:
    """What asking this once costs, roughly."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return sum(cost(part) for part in parts)
        case Not(part):
            return cost(part)
        case Comparison(field):
            return field.cost


def by_cost(parts: tuple[Condition, ...]) -> list[Condition]:
    """Cheap ones first; equals stay as they were written."""
    return sorted(parts, key=cost)


def _text_test(operator: Operator, value: Any) -> Test:
    match operator:
        case Operator.EQUALS:
            return lambda text: Sql("{} = {}", text, folded_value(value))
        case Operator.IN:
            return lambda text: joined(" OR ", [Sql("{} = {}", text, folded_value(one)) for one in value])
        case Operator.CONTAINS:
            return lambda text: Sql("strpos({}, {}) > 0", text, folded_value(value))
        case Operator.CONTAINS_ANY_OF:
            return lambda text: joined(" OR ", [Sql("strpos({}, {}) > 0", text, folded_value(one)) for one in value])
        case Operator.STARTS_WITH:
            return lambda text: Sql("starts_with({}, {})", text, folded_value(value))
        case Operator.ENDS_WITH:
            end = folded_value(value)
            return lambda text: Sql("right({}, char_length({})) = {}", text, end, end)
    raise AssertionError(operator)


def _plain_test(operator: Operator, value: Any, kind: Any) -> Test:
    signs = {
        Operator.EQUALS: "{} = {}",
        Operator.GREATER_THAN: "{} > {}",
        Operator.AT_LEAST: "{} >= {}",
        Operator.LESS_THAN: "{} < {}",
        Operator.AT_MOST: "{} <= {}",
    }
    if operator is Operator.IN:
        marks = ", ".join(["{}"] * len(value))
        return lambda x: Sql(f"{{}} IN ({marks})", x, *(Value(one, output_field=kind) for one in value))
    return lambda x: Sql(signs[operator], x, Value(value, output_field=kind))

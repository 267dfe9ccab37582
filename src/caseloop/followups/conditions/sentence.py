"""How does a condition read, as one sentence? (spec 2.6)"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from caseloop.followups.conditions.fields import Field, Type
from caseloop.followups.conditions.operators import Operator
from caseloop.followups.conditions.tree import AllOf, AnyOf, Comparison, Condition, Not
from caseloop.followups.conditions.values import One, Value


def sentence(condition: Condition) -> str:
    """Without a full stop: title contains “Contoso Coffee” and age is greater than 7 days."""
    match condition:
        case AllOf(()):
            return "all active cases"
        case AllOf(parts):
            return " and ".join(_bracketed(part, AnyOf) for part in parts)
        case AnyOf(parts):
            return " or ".join(_bracketed(part, AllOf) for part in parts)
        case Not(part):
            return f"not ({sentence(part)})"
        case Comparison():
            return f"{condition.field.label} {compared(condition)}"


def compared(leaf: Comparison) -> str:
    """What a comparison says of its field: contains “Contoso Coffee”; is greater than 7 days."""
    shown = _shown(leaf.field, leaf.operator, leaf.value)
    verb = _verb(leaf.field, leaf.operator)
    return f"{verb} {shown}" if shown else verb


def _bracketed(part: Condition, inside: type[AllOf] | type[AnyOf]) -> str:
    if isinstance(part, inside) and len(part.parts) > 1:
        return f"({sentence(part)})"
    return sentence(part)


def _verb(field: Field, operator: Operator) -> str:
    is_name = field.type in (Type.CHOICE, Type.NUMBER)
    match operator:
        case Operator.EQUALS:
            return "is" if is_name else "equals"
        case Operator.DOES_NOT_EQUAL:
            return "is not" if is_name else "does not equal"
        case Operator.IN:
            return "is one of"
        case Operator.NOT_IN:
            return "is none of"
        case Operator.GREATER_THAN | Operator.AT_LEAST | Operator.LESS_THAN | Operator.AT_MOST:
            return f"is {operator}"
        case Operator.ON | Operator.BEFORE | Operator.AFTER | Operator.OLDER_THAN | Operator.NEWER_THAN:
            return f"is {operator}"
        case _:
            return operator.value


def _shown(field: Field, operator: Operator, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        items = [_one(field, item) for item in value]
        return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"
    if field.type is Type.AGE or operator in (Operator.OLDER_THAN, Operator.NEWER_THAN):
        return f"{_one(field, value)} {'day' if value == 1 else 'days'}"
    return _one(field, value)


def _one(field: Field, value: One) -> str:
    match value:
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return f"{value:%d %b %Y %H:%M} UTC"
        case date():
            return f"{value:%d %b %Y}"
        case _:
            return f"“{value}”" if not field.choices else field.choice_label(value)

"""Which comparisons does each type of field know, and what do they take? (spec 2.2)

A negative operator says the opposite of a positive one, but is false too when the value is missing.
"""

from __future__ import annotations

from enum import StrEnum

from caseloop.followups.conditions.fields import Type


class Operator(StrEnum):
    EQUALS = "equals"
    DOES_NOT_EQUAL = "does not equal"
    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "does not contain"
    CONTAINS_ANY_OF = "contains any of"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"
    IN = "in"
    NOT_IN = "not in"
    IS_EMPTY = "is empty"
    IS_NOT_EMPTY = "is not empty"
    GREATER_THAN = "greater than"
    AT_LEAST = "at least"
    LESS_THAN = "less than"
    AT_MOST = "at most"
    ON = "on"
    BEFORE = "before"
    AFTER = "after"
    OLDER_THAN = "older than"
    NEWER_THAN = "newer than"
    IS_TRUE = "is true"
    IS_FALSE = "is false"


class Takes(StrEnum):
    """The shape of an operator's value."""

    NOTHING = "nothing"
    ONE = "one value"
    LIST = "a list"
    DAYS = "days"


O = Operator  # noqa: E741 - the tables below read better
NEGATES: dict[Operator, Operator] = {
    O.DOES_NOT_EQUAL: O.EQUALS,
    O.DOES_NOT_CONTAIN: O.CONTAINS,
    O.NOT_IN: O.IN,
}
_ORDER = (O.GREATER_THAN, O.AT_LEAST, O.LESS_THAN, O.AT_MOST)
_EMPTY = (O.IS_EMPTY, O.IS_NOT_EMPTY)
_EQUAL = (O.EQUALS, O.DOES_NOT_EQUAL, O.IN, O.NOT_IN)
_TEXT = (
    O.CONTAINS,
    O.EQUALS,
    O.STARTS_WITH,
    O.ENDS_WITH,
    O.IN,
    O.CONTAINS_ANY_OF,
    O.DOES_NOT_CONTAIN,
    O.DOES_NOT_EQUAL,
    O.NOT_IN,
    *_EMPTY,
)
_TIME = (O.OLDER_THAN, O.NEWER_THAN, O.ON, O.BEFORE, O.AFTER, *_EMPTY)
OPERATORS: dict[Type, tuple[Operator, ...]] = {
    Type.TEXT: _TEXT,
    Type.TEXTS: _TEXT,
    Type.CHOICE: (*_EQUAL, *_EMPTY),
    Type.NUMBER: (*_EQUAL, *_ORDER, *_EMPTY),
    Type.FLAG: (O.IS_TRUE, O.IS_FALSE, *_EMPTY),
    Type.TIME: _TIME,
    Type.DATE: _TIME,
    Type.AGE: _ORDER,
}
_TAKES: dict[Operator, Takes] = {
    **dict.fromkeys((*_EMPTY, O.IS_TRUE, O.IS_FALSE), Takes.NOTHING),
    **dict.fromkeys((O.IN, O.NOT_IN, O.CONTAINS_ANY_OF), Takes.LIST),
    **dict.fromkeys((O.OLDER_THAN, O.NEWER_THAN), Takes.DAYS),
}


def takes(operator: Operator, type_: Type) -> Takes:
    """What an editor has to ask for, and `parse` expects."""
    if type_ is Type.AGE:
        return Takes.DAYS
    return _TAKES.get(operator, Takes.ONE)

"""Do the values of custom fields have their types? Checked when they are written (spec 7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from caseloop.cases.errors import CaseError
from caseloop.cases.models import CustomField
from caseloop.cases.models.custom_field import FieldType

LARGEST = 1e300  # not a number, infinity and the like are refused with it
Moment = TypeVar("Moment", date, datetime)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored; raises `CaseError` naming the first that is unknown or of the wrong type."""
    if not values:
        return {}
    fields = {field.key: field for field in CustomField.objects.filter(key__in=values)}
    result: dict[str, Any] = {}
    for key, value in values.items():
        if key not in fields:
            raise CaseError(f"There is no custom field “{key}”.")
        result[key] = None if value is None else _typed(fields[key], value)
    return result


def _typed(field: CustomField, value: Any) -> Any:
    match FieldType(field.type):
        case FieldType.TEXT if isinstance(value, str) and "\x00" not in value:
            return value
        case FieldType.NUMBER if _is_number(value):
            return value
        case FieldType.FLAG if isinstance(value, bool):
            return value
        case FieldType.CHOICE if value in field.choices:
            return value
        case FieldType.DATE if (day := _read(date, value)) is not None:
            return day.isoformat()
        case FieldType.TIME if (at := _read(datetime, value)) is not None:
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
    raise CaseError(f"“{field.label}” takes {_what(field)}, not {value!r}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def _read(kind: type[Moment], value: Any) -> Moment | None:
    """ISO 8601 in any of its forms; stored in the one form that conditions compare. A time without a zone is UTC."""
    try:
        return kind.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _what(field: CustomField) -> str:
    match FieldType(field.type):
        case FieldType.CHOICE:
            return "one of " + ", ".join(field.choices)
        case FieldType.DATE:
            return "a date like 2026-11-23"
        case FieldType.TIME:
            return "a time like 2026-11-23T10:14:00+01:00"
        case FieldType.FLAG:
            return "true or false"
        case FieldType.NUMBER:
            return "a number"
        case FieldType.TEXT:
            return "a text"

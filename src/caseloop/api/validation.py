"""How is a wrong field said in a sentence?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TAKES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a JSON object",
    "model_type": "a JSON object",
    "model_attributes_type": "a JSON object",
    "date_type": "a date like 2026-11-23",
    "date_parsing": "a date like 2026-11-23",
    "date_from_datetime_parsing": "a date like 2026-11-23",
}


def sentence_of(errors: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The first error as a sentence, and the dotted path of its field (empty for the whole body)."""
    error = errors[0]
    field = ".".join(str(part) for part in _place(error["loc"]))
    said = _said(error, field)
    more = len(errors) - 1
    return (f"{said} ({more} more to mend.)" if more else said), field


def _place(loc: Sequence[Any]) -> Sequence[Any]:
    """ninja puts the source first, and for a body the name of the argument second."""
    return loc[2:] if loc[0] == "body" else loc[1:]


def _said(error: Mapping[str, Any], field: str) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = f"“{field}”" if field else "The body"
    if kind == "missing":
        return f"{name} is missing." if field else "This needs a body: a JSON object."
    if kind == "extra_forbidden":
        return f"There is no field {name} here."
    if kind in TAKES:
        return f"{name} takes {TAKES[kind]}."
    if kind in ("literal_error", "enum"):
        return f"{name} takes one of {context['expected']}."
    if kind == "value_error":
        return f"{name}: {context['error']}" if field else str(context["error"])
    return f"{name}: {_bound(kind, context) or error['msg']}."


def _bound(kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "string_too_long":
            return f"at most {context['max_length']} characters"
        case "string_too_short":
            return "it may not be empty" if context["min_length"] == 1 else f"at least {context['min_length']} letters"
        case "too_long":
            return f"at most {context['max_length']} of them"
        case "too_short":
            return f"at least {context['min_length']} of them"
        case "greater_than_equal":
            return f"not less than {context['ge']}"
        case "less_than_equal":
            return f"not more than {context['le']}"
        case _:
            return ""

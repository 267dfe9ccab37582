"""Is a template harmless enough to be parsed?

python-liquid finds tags with regular expressions that take quadratic time and more on unclosed or very long
ones (half a
minute for 20 KB). So each tag is found here first, in one pass, and refused when it is not closed, too long,
or not
one of the few that letters need.
"""

import re

from caseloop.letters.errors import TemplateError

MAX_TAG = 1_000
"""Characters between `{{` and `}}`, or `{%` and `%}`."""

TAGS = frozenset(
    [
        "if",
        "elsif",
        "else",
        "endif",
        "unless",
        "endunless",
        "case",
        "when",
        "endcase",
        "comment",
        "endcomment",
    ]
)

_OPENING = re.compile(r"\{\{|\{%")
_TAG_NAME = re.compile(r"-?\s{0,20}(\w+|#)")
_TOO_MUCH_SPACE = re.compile(r"\s{20}")
_CLOSING = {"{{": "}}", "{%": "%}"}


def require_harmless(text: str) -> None:
    """Raises TemplateError, with the line, for the first tag that a letter can't have."""
    at = 0
    while opening := _OPENING.search(text, at):
        closing = _CLOSING[opening[0]]
        end = text.find(closing, opening.end())
        reason = _reason(text[opening.end() : end], opening[0]) if end >= 0 else f"“{closing}” is missing."
        if reason:
            raise TemplateError(reason, text.count("\n", 0, opening.start()) + 1)
        at = end + len(closing)


def _reason(inside: str, opening: str) -> str | None:
    if len(inside) > MAX_TAG or _TOO_MUCH_SPACE.search(inside):
        return f"what stands after this “{opening}” is too long; write it shorter."
    if opening == "{%":
        name = _TAG_NAME.match(inside)
        if not name or name[1] not in TAGS:
            tag = name[1] if name else ""
            return f"the tag “{tag}” can't be used in letters; there are if, unless, case and comment."
    return None

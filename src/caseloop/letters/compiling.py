"""How does a template become something that can be filled in, and what must it not contain?

python-liquid's own limits don't hold for filters, loops over ranges or names kept in a loop. So nothing of
that is
there: no `for`, no `assign`, no filter that makes text longer, no range. What is left takes time and memory
in
proportion to the template (at most 32 KiB) and to the values (at most 64 KiB each).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from types import MappingProxyType
from typing import Any

from liquid import Environment, Mode
from liquid.ast import Node
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output
from liquid.builtin.tags.case_tag import CaseTag
from liquid.builtin.tags.comment_tag import CommentTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.expression import Expression
from liquid.template import BoundTemplate
from liquid.token import Token
from liquid.undefined import UNDEFINED, Undefined

from caseloop.letters.errors import LetterTooLarge, MissingField, TemplateError, UnknownField
from caseloop.letters.fields import FIELDS, Day, nearest
from caseloop.letters.lighttext import mark
from caseloop.letters.scanning import require_harmless

MAX_SOURCE = 32 * 1024
"""Bytes of one template, subject and body together (design, section 2: letters)."""

MAX_LETTER = 64 * 1024
"""Characters of one letter's own words."""


@dataclass(frozen=True, slots=True)
class LetterSource:
    """One language of a template: subject and body in Liquid and light text; `defaults` stand in for empty
    fields."""

    subject: str
    body: str
    language: str
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledLetter:
    """A template ready to be filled in, any number of times and from any thread."""

    subject: BoundTemplate
    body: BoundTemplate
    fields: Mapping[str, int]
    """Each field that the template names, with the line where it first does."""
    special: Mapping[str, int]
    """Those that aren't in FIELDS."""

    def require_known(self, more: Collection[str] = ()) -> None:
        """Raises UnknownField when the template names a field that is neither in FIELDS nor in `more`."""
        for problem in _unknown(self.special, more):
            raise problem


def compile_letter(subject: str, body: str) -> CompiledLetter:
    """The compiled template, from memory when the same text was compiled lately; raises TemplateError.

    The text itself is the key, so a changed template can never be answered with the old one.
    """
    if len(subject.encode()) + len(body.encode()) > MAX_SOURCE:
        raise TemplateError(f"the template is longer than {MAX_SOURCE // 1024} KiB; shorten it.")
    return _compile(subject, body)


def problems(source: LetterSource, more_fields: Collection[str] = ()) -> tuple[TemplateError, ...]:
    """All that keeps this template from being saved, for its editor; empty when nothing does."""
    try:
        compiled = compile_letter(source.subject, source.body)
    except TemplateError as error:
        return (error,)
    return tuple(_unknown(compiled.special, more_fields))


def fill(template: BoundTemplate, values: Mapping[str, object]) -> str:
    """The template's text with marks; raises MissingField, LetterTooLarge, TemplateError."""
    words = _Words(newline=None)  # line ends of any kind become "\n"
    try:
        template.render_with_context(_Fields(template, globals=values), words)
        return words.getvalue()
    except OutputStreamLimitError as error:
        raise LetterTooLarge(f"The letter would be longer than {MAX_LETTER // 1024} KiB.") from error
    except (LiquidError, RecursionError) as error:
        raise _as_template_error(error) from error


class EmptyField(Undefined):
    """A known field without a value here: false in a condition, and an error where it would be printed."""

    __slots__ = ()

    def __str__(self) -> str:
        raise MissingField(self.name)


class _Fields(RenderContext):
    """Finds the fields in the values of one letter; what isn't there the library's own way explains."""

    __slots__ = ()

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        found: Any = self.globals
        try:
            for name in path:
                found = found[name]
        except (KeyError, TypeError):
            return super().get(path, token=token, default=default)
        return found


class _FieldPath(Path):
    """A path of names alone, as all are in letters: none of them has to be looked at for brackets."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        return context.get([*self.path], token=self.token)


class _Words(StringIO):
    """The words of one letter, of at most MAX_LETTER bytes; raises OutputStreamLimitError."""

    size = 0

    def write(self, words: str) -> int:
        self.size += len(words)
        if self.size > MAX_LETTER:
            raise OutputStreamLimitError("longer than a letter", token=None)
        return super().write(words)

    def getvalue(self) -> str:
        words = super().getvalue()
        if not words.isascii() and len(words.encode()) > MAX_LETTER:
            raise OutputStreamLimitError("longer than a letter", token=None)
        return words


class _LetterEnvironment(Environment):
    block_nesting_limit = 12

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (Literal, Output, Illegal, IfTag, UnlessTag, CaseTag, CommentTag):
            self.add_tag(tag)
        for name, function in _FILTERS.items():
            self.add_filter(name, function)


def _default(value: object, other: object = "") -> object:
    return other if value is None or value == "" or isinstance(value, Undefined) else value


def _truncate(value: object, length: object = 50) -> str:
    text, most = str(value), length if isinstance(length, int) else 50
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip() + "…"


def _day(value: object) -> str:
    return value.with_weekday() if isinstance(value, Day) else str(value)


def _short_day(value: object) -> str:
    return value.short() if isinstance(value, Day) else str(value)


_FILTERS: dict[str, Callable[..., object]] = {
    "default": _default,
    "upcase": lambda value: str(value).upper(),
    "downcase": lambda value: str(value).lower(),
    "capitalize": lambda value: str(value)[:1].upper() + str(value)[1:],
    "strip": lambda value: str(value).strip(),
    "truncate": _truncate,
    "day": _day,
    "short_day": _short_day,
}

_ENVIRONMENT = _LetterEnvironment(tolerance=Mode.STRICT, strict_filters=True, undefined=EmptyField)


@lru_cache(maxsize=512)
def _compile(subject: str, body: str) -> CompiledLetter:
    fields: dict[str, int] = {}
    title, letter = _parse(subject, "subject", fields), _parse(body, "body", fields)
    for node in _walk(letter.nodes, letter):
        if isinstance(node, ContentNode):
            node.text = mark(node.text)
    special = {name: line for name, line in fields.items() if name not in FIELDS}
    return CompiledLetter(title, letter, MappingProxyType(fields), MappingProxyType(special))


def _parse(text: str, part: str, fields: dict[str, int]) -> BoundTemplate:
    """Parses one part and notes the fields it names; raises TemplateError with the line."""
    require_harmless(text)
    try:
        template = _ENVIRONMENT.from_string(text, name=part)
        for node in _walk(template.nodes, template):
            for expression in _expressions(node.expressions()):
                _note(expression, fields, text)
    except (LiquidError, RecursionError) as error:
        raise _as_template_error(error) from error
    return template


def _note(expression: Expression, fields: dict[str, int], text: str) -> None:
    line = text.count("\n", 0, max(expression.token.start_index, 0)) + 1
    for unknown in (f.name for f in getattr(expression, "filters", None) or () if f.name not in _FILTERS):
        hint = nearest(unknown, _FILTERS)
        raise TemplateError(f"there is no filter “{unknown}”." + (f" Did you mean “{hint}”?" if hint else ""), line)
    if isinstance(expression, RangeLiteral):
        raise TemplateError("ranges like (1..5) can't be used in letters.", line)
    if isinstance(expression, Path):
        if not all(isinstance(segment, str) for segment in expression.path):
            raise TemplateError(f"“{expression}”: write fields as name.name, without brackets.", line)
        fields.setdefault(".".join(map(str, expression.path)), line)
        expression.__class__ = _FieldPath


def _walk(nodes: Iterable[Node], template: BoundTemplate) -> Iterator[Node]:
    context = RenderContext(template)
    for node in nodes:
        yield node
        yield from _walk(node.children(context), template)


def _expressions(expressions: Iterable[Expression]) -> Iterator[Expression]:
    for expression in expressions:
        yield expression
        yield from _expressions(expression.children())


def _unknown(special: Mapping[str, int], more: Collection[str]) -> Iterator[UnknownField]:
    for name, line in special.items():
        if name not in more:
            yield UnknownField(name, line, nearest(name, [*FIELDS, *more]))


def _as_template_error(error: Exception) -> TemplateError:
    if isinstance(error, RecursionError):
        return TemplateError("the conditions are nested too deeply.")
    token = getattr(error, "token", None)
    line = token.source.count("\n", 0, max(token.start_index, 0)) + 1 if token is not None else None
    return TemplateError(f"{getattr(error, 'message', None) or error}.", line)

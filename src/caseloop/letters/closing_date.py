"""Does a letter say when the case will be closed?"""

from collections.abc import Iterable
from functools import lru_cache

from liquid.ast import Node
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression

from caseloop.letters.compiling import LetterSource, compile_letter

_FIELD = "closes_on"
_KEEPS_A_DATE = {"day", "short_day", "upcase", "capitalize", "strip"}


def mentions_closing_date(source: LetterSource) -> bool:
    """Whether the letter says `closes_on` in its body whenever there is one (spec 3.4); raises TemplateError.

    A date that another condition can leave out doesn't count, nor one that a filter could cut short or
    replace.
    """
    return _mentions(source.subject, source.body)


@lru_cache(maxsize=512)
def _mentions(subject: str, body: str) -> bool:
    return _always_said(compile_letter(subject, body).body.nodes)


def _always_said(nodes: Iterable[Node]) -> bool:
    return any(map(_said_by, nodes))


def _said_by(node: Node) -> bool:
    """Printed here; or in every branch of a condition; or in the branch for "when there is one"."""
    match node:
        case OutputNode():
            return _prints_it(node.expression)
        case IfNode() if _is_it(node.condition):
            return _always_said(node.consequence.nodes)
        case IfNode() | UnlessNode() if node.default is not None:
            branches = [node.consequence, *(other.block for other in node.alternatives), node.default]
            return all(_always_said(branch.nodes) for branch in branches)
        case _:
            return False


def _prints_it(expression: Expression) -> bool:
    return (
        isinstance(expression, FilteredExpression)
        and _is_it(expression.left)
        and all(filter_.name in _KEEPS_A_DATE for filter_ in expression.filters or ())
    )


def _is_it(expression: Expression) -> bool:
    if isinstance(expression, BooleanExpression):
        expression = expression.expression
    return isinstance(expression, Path) and expression.path == [_FIELD]

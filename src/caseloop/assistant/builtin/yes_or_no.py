"""What does a "yes" or "no" at the beginning of a reply mean?"""

import re

from caseloop.assistant.builtin.clauses import Clause
from caseloop.assistant.builtin.last_mail import Asked
from caseloop.assistant.builtin.lexicon import Lexicon
from caseloop.assistant.builtin.weighing import Weights

_YES = {Asked.WHETHER_SOLVED: ("good", 2), Asked.WHETHER_OPEN: ("bad", 3), Asked.EITHER_OR: ("doubts", 2)}
_NO = {Asked.WHETHER_SOLVED: ("bad", 3), Asked.WHETHER_OPEN: ("good", 2), Asked.EITHER_OR: ("doubts", 1)}
_ELSE = ("info", 1)
_SAYS_IT_ALL = ("good_phrases", "bad_phrases", "not_yet", "close")


def weigh_yes_or_no(first: Clause, asked: Asked, lexicon: Lexicon, weights: Weights) -> None:
    """Adds what the first word says as an answer to our question; nothing when a phrase there says it all."""
    start = first.text.lstrip("\"'-– ")
    if any(lexicon[kind].match(start) for kind in _SAYS_IT_ALL):
        return
    yes, no = lexicon["yes"].match(start), lexicon["no"].match(start)
    if no and (yes is None or no.end() >= yes.end()):
        kind, points = _NO.get(asked, _ELSE)
        weights.add(kind, points, first)
        if kind == "good":
            weights.doubts = max(0, weights.doubts - 1)  # the "no" itself
    elif yes and _stands_alone(yes, start, lexicon) and not (asked is Asked.WHETHER_OPEN and weights.asked):
        kind, points = _YES.get(asked, _ELSE)
        weights.add(kind, points, first)


def _stands_alone(yes: re.Match[str], start: str, lexicon: Lexicon) -> bool:
    """An "it did." is an answer, "it did work for a day" isn't; nor is "sure, if you think so"."""
    rest = start[yes.end() :]
    goes_on = " " in yes[0] and re.match(r"\s+\w", rest)
    return not goes_on and not lexicon.has("if", rest)

"""What did our last mail ask, so that a short answer has a meaning?"""

import re
from enum import Enum, auto

from caseloop.assistant.builtin.lexicon import Lexicon, normalized


class Asked(Enum):
    """The question that a bare "yes" would answer."""

    WHETHER_SOLVED = auto()
    WHETHER_OPEN = auto()
    FOR_DETAILS = auto()
    EITHER_OR = auto()
    UNKNOWN = auto()


def asked_by(last_our_mail: str, lexicon: Lexicon) -> Asked:
    """The kind of question in our mail."""
    text = normalized(last_our_mail)
    if lexicon.has("our_open", text):
        return Asked.EITHER_OR if _is_either_or(text, lexicon) else Asked.WHETHER_OPEN
    if lexicon.has("our_request", text):
        return Asked.FOR_DETAILS
    if lexicon.has("our_close", text):
        return Asked.EITHER_OR if _is_either_or(text, lexicon) else Asked.WHETHER_SOLVED
    return Asked.UNKNOWN


def requests_details(last_our_mail: str, lexicon: Lexicon) -> bool:
    """Whether our mail asked for something to be sent or told."""
    return lexicon.has("our_request", normalized(last_our_mail))


def _is_either_or(text: str, lexicon: Lexicon) -> bool:
    """A question whose two answers are both in it: "is that okay now, or should we look again?"."""
    questions = [part for part in re.split(r"(?<=[.!?。！])\s*", text) if part.endswith("?")]
    return any(lexicon.has("or", question) for question in questions)

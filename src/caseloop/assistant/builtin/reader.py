"""What does a reply say, as far as words alone can tell without a model?

A cautious reader: it looks for what customers of twelve languages say when something works, doesn't, is
asked, sent, or has
to wait, and judges clause by clause. Favorable is only what speaks for itself with nothing against it; a
single
word that could mean trouble makes it unclear. A favorable reply read as unclear costs a look; a negative one
read as
favorable closes the case of somebody who needs help.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from caseloop.assistant.builtin.clauses import clauses_of
from caseloop.assistant.builtin.last_mail import Asked, asked_by, requests_details
from caseloop.assistant.builtin.lexicon import LANGUAGES, Lexicon, lexicon, normalized
from caseloop.assistant.builtin.weighing import Weights, weigh
from caseloop.assistant.builtin.yes_or_no import weigh_yes_or_no
from caseloop.assistant.interfaces import ReplyInput, ReplyReading
from caseloop.domain.facts import Label
from caseloop.reading.dates import resume_date
from caseloop.reading.language import guess_language

_THUMBS_UP = re.compile("^[\\s\U0001f44d\U0001f44c\u2705\u2714\U0001f197\U0001f3fb-\U0001f3ff\ufe0f.!]+$")
_TOO_SHORT_TO_TELL = 25
_DETAILS = re.compile(r"\d{3,}|\b[a-z]{1,6}[-/]?\d{2,}|\d+[.:]\d+|^[\w .]{2,30}[:：]\s*\S", re.M)


class BuiltinReader:
    """Reads replies by their words."""

    def read(self, reply: ReplyInput) -> ReplyReading:
        """The reading of one reply; never raises for anything a customer can write."""
        language = _language(reply)
        if reply.automatic_kind is not None:
            return ReplyReading(
                label=Label.AUTOMATIC,
                confidence=0.95,
                resume_on=resume_date(reply.new_text, reply.received_on, language),
                automatic_kind=reply.automatic_kind,
            )
        reading = _read_person(reply, lexicon(language))
        if reading.label is Label.DEFERRAL:
            return replace(reading, resume_on=resume_date(reply.new_text, reply.received_on, language))
        return reading


def _language(reply: ReplyInput) -> str:
    """The text's own language where it tells, else the contact's, else that of our mail."""
    guesses = [guess_language(reply.new_text), reply.language, guess_language(reply.last_our_mail)]
    if len(reply.new_text) < _TOO_SHORT_TO_TELL:
        guesses.append(guesses.pop(0))
    for language in guesses:
        base = (language or "").partition("-")[0].lower()
        if base in LANGUAGES:
            return base
    return "en"


def _read_person(reply: ReplyInput, words: Lexicon) -> ReplyReading:
    clauses, has_orders = clauses_of(reply.new_text, reply.last_our_mail, words)
    asked = asked_by(reply.last_our_mail, words)
    if not clauses:
        if re.search(r"[^\s.!]", reply.new_text) and _THUMBS_UP.match(reply.new_text) and asked is Asked.WHETHER_SOLVED:
            return _reading(Label.FAVORABLE, 0.7, (reply.new_text.strip(),))
        return _reading(Label.UNCLEAR, 0.9 if not reply.new_text.strip() else 0.6)
    weights = weigh(clauses, words)
    weigh_yes_or_no(clauses[0], asked, words, weights)
    wants_details = asked is Asked.FOR_DETAILS or requests_details(reply.last_our_mail, words)
    gives_details = bool(_DETAILS.search(normalized(reply.new_text))) or reply.has_attachments
    reading = _decide(weights, asked, wants_details and gives_details, is_short=len(reply.new_text) < 60)
    if has_orders and reading.label is Label.FAVORABLE:
        return _reading(Label.UNCLEAR, 0.5)
    return reading


def _decide(weights: Weights, asked: Asked, answers_request: bool, is_short: bool) -> ReplyReading:
    """The label, in the order in which one thing outweighs another: trouble, question, facts, time, content."""

    def say(label: Label, confidence: float, *kinds: str) -> ReplyReading:
        return _reading(label, confidence, [said for kind in kinds for said in weights.words.get(kind, [])])

    helpful = weights.good + weights.close
    if weights.wrong_person and not (weights.bad or helpful > 2):
        return replace(say(Label.UNCLEAR, 0.8, "wrong_person"), is_wrong_person=True)
    if _is_trouble(weights, answers_request):
        return say(Label.NEGATIVE, min(0.95, 0.6 + 0.06 * (weights.bad + weights.keep_open)), "keep_open", "bad")
    if weights.asked >= 2:
        return say(Label.QUESTION, 0.6 + 0.1 * min(weights.asked, 3), "asked")
    if answers_request or (asked is Asked.FOR_DETAILS and weights.info >= 2):
        return say(Label.INFORMATION, 0.75, "info")
    if asked is Asked.FOR_DETAILS and not weights.later and not weights.close and not is_short:
        return say(Label.INFORMATION, 0.5, "info")
    if weights.later >= 2 and not weights.close and helpful < 5:
        return say(Label.DEFERRAL, 0.7, "later", "keep_open")
    if _speaks_for_itself(weights, is_short, asked):
        return say(Label.FAVORABLE, min(0.95, 0.6 + 0.06 * helpful), "close", "good")
    if weights.thanks and not (helpful or weights.info or weights.unexplained or weights.later):
        return replace(say(Label.UNCLEAR, 0.7, "thanks"), is_only_thanks=True)
    return say(Label.UNCLEAR, 0.4)


def _is_trouble(weights: Weights, answers_request: bool) -> bool:
    """Something is wrong, or the case is to stay open for more than time to test."""
    if weights.keep_open:
        return not (weights.later >= 2 and weights.bad < 2)
    if answers_request:
        return weights.bad >= 5
    return weights.bad >= 3 or (weights.bad >= 2 and weights.later < 2)


def _speaks_for_itself(weights: Weights, is_short: bool, asked: Asked) -> bool:
    """A permission to close, or clear words that it works, with nothing against it and hardly anything unexplained."""
    if weights.bad or weights.asked or weights.keep_open or (weights.later >= 2 and weights.good < 2):
        return False
    if asked in (Asked.FOR_DETAILS, Asked.EITHER_OR) and not weights.close:
        return False
    helpful = weights.good + weights.close
    if weights.close:
        room = 2 if weights.good >= 2 else 1
        return weights.doubts <= room and weights.unexplained <= room
    if weights.hedges or weights.doubts or weights.unexplained > (1 if helpful >= 4 else 0):
        return False
    return helpful >= (1 if is_short or weights.thanks else 2)


def _reading(label: Label, confidence: float, words: Sequence[str] = ()) -> ReplyReading:
    return ReplyReading(label=label, confidence=round(confidence, 2), words=tuple(dict.fromkeys(words)))

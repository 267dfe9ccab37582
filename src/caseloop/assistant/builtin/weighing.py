"""How much does a clause speak for each thing a reply can say?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from caseloop.assistant.builtin.clauses import Clause
from caseloop.assistant.builtin.lexicon import Lexicon

_WINDOW_BEFORE = 28
_WINDOW_AFTER = 26
_WORDS_OF_A_STATEMENT = 3
_WORDS_OF_A_PLAIN_STATEMENT = 10
_PIECE = re.compile(r"[,:、()]|\s-\s")
_CUES = ("good", "good_phrases", "close", "thanks", "bad", "bad_phrases", "later", "when", "ask")
_TAKEN = "\x00"


@dataclass(slots=True)
class Weights:
    """Points found in a reply, and the sentences they come from. A point is a word; a phrase that says it
    all has 3."""

    good: float = 0
    close: float = 0
    bad: float = 0
    keep_open: float = 0
    doubts: float = 0
    asked: float = 0
    later: float = 0
    info: float = 0
    thanks: float = 0
    hedges: float = 0
    wrong_person: float = 0
    unexplained: int = 0
    words: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, points: float, clause: Clause) -> None:
        setattr(self, kind, getattr(self, kind) + points)
        said = self.words.setdefault(kind, [])
        if clause.said not in said:
            said.append(clause.said)


def weigh(clauses: Iterable[Clause], lexicon: Lexicon) -> Weights:
    """The points of all clauses together."""
    weights = Weights()
    for clause in clauses:
        _weigh_clause(clause, lexicon, weights)
    return weights


def _weigh_clause(clause: Clause, lexicon: Lexicon, weights: Weights) -> None:
    """Phrases first; what they cover is not looked at again, so that "no more errors" is not an error."""
    text = _take(clause.text, "wrong_person", 3, clause, lexicon, weights)
    text = _take(text, "keep_open", 3, clause, lexicon, weights)
    may_close = lexicon.has("close", text)
    if may_close and _is_conditional(lexicon["close"].sub(_TAKEN, text), lexicon):
        text = lexicon["close"].sub(_TAKEN, text)
        weights.add("doubts", 3, clause)
    text = _take(text, "close", 3, clause, lexicon, weights)
    if clause.is_asked and not may_close:
        weights.add("asked", 3, clause)
        _take(text, "bad_phrases", 2, clause, lexicon, weights, into="bad")
        return
    if not may_close and _asks(text, lexicon):
        weights.add("asked", 2, clause)
    text = _take(text, "not_yet", 2, clause, lexicon, weights, into="later")
    text = _take(text, "good_phrases", 3, clause, lexicon, weights, into="good")
    text = _take(text, "bad_phrases", 3, clause, lexicon, weights, into="bad")
    text = _take(text, "later", 2, clause, lexicon, weights)
    _weigh_words(text, clause, lexicon, weights)


def _weigh_words(text: str, clause: Clause, lexicon: Lexicon, weights: Weights) -> None:
    """What no phrase covers: single words, and whether they are denied, reported, or true only in part."""
    is_reported = lexicon.has("reported", clause.text)
    good, denied = _good_words(text, lexicon)
    troubles, absent = _bad_words(text, lexicon)
    if denied:
        weights.add("bad", 3, clause)
    elif good and not is_reported and not lexicon.has("if", text):
        weights.add("good", 1 if good == 1 else 1.5, clause)
    if absent and not denied:
        weights.add("good", 2, clause)
    if troubles:
        weights.add("doubts" if good and not denied else "bad", 2, clause)
    if is_reported or lexicon.has("partly", text):
        weights.add("doubts", 2, clause)
    if not absent and (weak := len(lexicon["weak_bad"].findall(text))):
        weights.add("doubts", min(weak, 2), clause)
    if clause.is_contrast and not good:
        weights.add("doubts", 1, clause)
    for kind, points in (("when", 1), ("info", 2), ("thanks", 1)):
        if lexicon.has(kind, text):
            weights.add("later" if kind == "when" else kind, points, clause)
    if lexicon.has("hedge", clause.text):
        weights.add("hedges", 1, clause)
    weights.unexplained += _unexplained(clause, lexicon, bool(good))


def _unexplained(clause: Clause, lexicon: Lexicon, has_good_words: bool) -> int:
    """Statements that no cue accounts for; one that goes on long after its good word may turn anywhere."""
    pieces = _PIECE.split(clause.text)
    is_good = has_good_words or lexicon.has("good_phrases", clause.text)
    fewest = _WORDS_OF_A_STATEMENT - (1 if is_good and len(pieces) > 1 else 0)
    unexplained = [piece for piece in pieces if _length(piece, lexicon) >= fewest and not _is_cued(piece, lexicon)]
    if unexplained:
        return len(unexplained)
    return int(has_good_words and _length(clause.text, lexicon) > _WORDS_OF_A_PLAIN_STATEMENT)


def _is_cued(piece: str, lexicon: Lexicon) -> bool:
    return any(lexicon.has(kind, piece) for kind in _CUES) or _is_yes_or_no(piece, lexicon)


def _is_yes_or_no(piece: str, lexicon: Lexicon) -> bool:
    if lexicon.language in ("ja", "zh"):
        return False
    return lexicon.has("yes", piece) or lexicon.has("no", piece)


def _is_conditional(text: str, lexicon: Lexicon) -> bool:
    return lexicon.has("if", lexicon["good_phrases"].sub(_TAKEN, text))


def _asks(text: str, lexicon: Lexicon) -> bool:
    """Without a question mark: by its first words, or by saying that it asks."""
    return lexicon.has("ask", text) or lexicon["ask_start"].match(text.lstrip("-–,. ")) is not None


def _length(text: str, lexicon: Lexicon) -> float:
    """In words; where none are written apart, two letters count as one."""
    letters = re.findall(r"\w", text) if lexicon.language in ("ja", "zh") else re.findall(r"\w+", text)
    return len(letters) / (2 if lexicon.language in ("ja", "zh") else 1)


def _take(
    text: str, kind: str, points: float, clause: Clause, lexicon: Lexicon, weights: Weights, into: str | None = None
) -> str:
    """Counts the phrases of a kind and blanks them out."""
    if lexicon.has(kind, text):
        weights.add(into or kind, points, clause)
        text = lexicon[kind].sub(_TAKEN, text)
    return text


def _good_words(text: str, lexicon: Lexicon) -> tuple[int, int]:
    """How many good words there are, and how many of them are denied."""
    good = negated = 0
    for match in lexicon["good"].finditer(text):
        ahead = text[max(0, match.start() - _WINDOW_BEFORE) : match.start()].rpartition(_TAKEN)[2]
        behind = text[match.end() : match.end() + _WINDOW_AFTER].partition(_TAKEN)[0]
        if _near(lexicon["not"], ahead) or lexicon["not_after"].match(behind.lstrip(" ,")):
            negated += 1
        else:
            good += 1
    return good, negated


def _bad_words(text: str, lexicon: Lexicon) -> tuple[int, int]:
    """How many words of trouble there are, and how many of them are said to be absent."""
    troubles = absent = 0
    for match in lexicon["bad"].finditer(text):
        ahead = text[max(0, match.start() - _WINDOW_BEFORE) : match.start()].rpartition(_TAKEN)[2]
        if _near(lexicon["none"], ahead):
            absent += 1
        else:
            troubles += 1
    return troubles, absent


def _near(pattern: re.Pattern[str], ahead: str) -> bool:
    """Within the three words before."""
    words = ahead.split()[-3:]
    return bool(pattern.search(" ".join(words)))

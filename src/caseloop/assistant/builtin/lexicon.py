"""Which words of a language say which thing, as patterns that can be looked for?

The words are data: `cues/<language>.toml`, one list of lines per kind of cue. A line is a regular expression
over lower-case
text in which a space stands for any white space, `word*` for the word's beginnings, and `_` for up to three
words
in between; outside Chinese and Japanese only whole words match.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "ja", "pl", "tr", "sv", "zh")
"""The languages that the built-in reader knows."""

_NEVER = re.compile(r"(?!)")
_WITHOUT_SPACES = {"ja", "zh"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The cues of one language, by kind; a kind without words never matches."""

    language: str
    patterns: Mapping[str, re.Pattern[str]]

    def __getitem__(self, kind: str) -> re.Pattern[str]:
        return self.patterns.get(kind, _NEVER)

    def has(self, kind: str, text: str) -> bool:
        return self[kind].search(text) is not None


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of one of LANGUAGES; raises KeyError for others."""
    if language not in LANGUAGES:
        raise KeyError(language)
    file = resources.files(__package__).joinpath("cues", f"{language}.toml")
    lists: dict[str, str] = tomllib.loads(file.read_text("utf-8"))
    return Lexicon(language, {kind: _compiled(lines, language) for kind, lines in lists.items()})


def normalized(text: str) -> str:
    """Lower case, one form for each letter and apostrophe, English contractions written out."""
    text = unicodedata.normalize("NFKC", text).lower().replace("i̇", "i")
    text = re.sub("[’‘´`]", "'", text)
    return _written_out(text)


def _compiled(lines: str, language: str) -> re.Pattern[str]:
    alternatives = "|".join(_expression(line) for line in lines.strip().split("\n") if line)
    if language in _WITHOUT_SPACES:
        return re.compile(alternatives)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


def _expression(line: str) -> str:
    line = _written_out(unicodedata.normalize("NFKC", line))
    line = re.sub(r"(?<!\\)\((?!\?)", "(?:", line)
    line = re.sub(r"(?<=[^\W\d_])(?<!\\w)(?<!\\s)\*", r"\\w*", line)
    line = line.replace("_", r"(?:\S+\s+){0,3}?")
    return line.replace(" ", r"\s+")


def _written_out(text: str) -> str:
    text = re.sub(r"\bcan't\b|\bcannot\b|\bcant\b", "can not", text)
    text = re.sub(r"\bwon't\b", "will not", text)
    return re.sub(r"(?<=[a-z])n't\b", " not", text)

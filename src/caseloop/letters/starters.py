"""Which templates come with Caseloop?"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from caseloop.letters.compiling import LetterSource
from caseloop.letters.words import base_language

PURPOSES = ("first", "second", "last", "reply", "closing_notice")
"""What a letter is for, in the order of a series."""


@dataclass(frozen=True, slots=True)
class StarterTemplate:
    """One template as shipped, with a text for each of the eight languages."""

    purpose: str
    name: str
    description: str
    default_language: str
    texts: tuple[LetterSource, ...]

    def text(self, language: str) -> LetterSource:
        """The text in that language ("pt-BR" finds "pt"), else the one in the default language."""
        by_language = {text.language: text for text in self.texts}
        return by_language.get(base_language(language)) or by_language[self.default_language]


@cache
def starter_templates() -> tuple[StarterTemplate, ...]:
    """One for each of PURPOSES, in that order; plain data, for the command that stores them."""
    return tuple(map(_load, PURPOSES))


def starter(purpose: str, language: str) -> LetterSource:
    """The shipped text for that purpose; raises KeyError for a purpose that isn't one of PURPOSES."""
    return {template.purpose: template for template in starter_templates()}[purpose].text(language)


def _load(purpose: str) -> StarterTemplate:
    data = yaml.safe_load(resources.files(__package__).joinpath("starters", f"{purpose}.yaml").read_text("utf-8"))
    texts = (LetterSource(text["subject"], text["body"], language) for language, text in data.pop("texts").items())
    return StarterTemplate(texts=tuple(texts), **data)

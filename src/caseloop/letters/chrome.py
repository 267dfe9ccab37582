"""What stands around the words of every letter: heading, signature, footer, buttons, the quoted mail?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from caseloop.letters.dates import quote_line
from caseloop.letters.lighttext import clean, clean_lines
from caseloop.letters.words import Words, base_language, words_for

MAX_QUOTED = 1_500
"""Characters of the quoted mail that are shown below a letter."""


@dataclass(frozen=True, slots=True)
class QuotedMail:
    """The mail that a letter follows; `text` is plain text, `sent_at` aware."""

    author: str
    sent_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class LetterChrome:
    """Everything around the words. `zone` is the customer's; `quoted` is None where quoting is switched off
    (spec 4.2).

    Sent by a person, a letter is signed by `representative_name` and says nothing of automation. Else the
    team signs,
    "for" the representative, and the footer says so while `disclosure` is on (spec 1.3). `buttons` maps
    names of
    `words.BUTTONS` to addresses; without an address a button isn't shown.
    """

    case_number: str
    case_title: str
    sender_name: str
    representative_name: str = ""
    sent_by_person: bool = False
    disclosure: bool = True
    signed: bool = True
    """False when the words end with a signature of their own."""
    buttons: Mapping[str, str] = field(default_factory=dict)
    quoted: QuotedMail | None = None
    zone: tzinfo = UTC


class Surroundings(NamedTuple):
    """The same in words of one language, cleaned and ready for both bodies of the mail."""

    language: str
    words: Words
    heading: str
    signature: tuple[str, ...]
    case_line: str
    disclosure: str
    buttons: Mapping[str, str]
    quote_line: str
    quoted: str


def surroundings(chrome: LetterChrome, language: str) -> Surroundings:
    """What `chrome` says in that language; the labels are English where we have no words for it."""
    words, number = words_for(language), clean(chrome.case_number)
    quoted = chrome.quoted
    return Surroundings(
        language=base_language(language),
        words=words,
        heading=f"{clean(chrome.case_title)} · {number}",
        signature=_signature(chrome, language),
        case_line=words.case.format(number=number),
        disclosure=words.automatic if chrome.disclosure and not chrome.sent_by_person else "",
        buttons=chrome.buttons,
        quote_line=_quote_line(quoted, chrome.zone, language) if quoted else "",
        quoted=_shortened(clean_lines(quoted.text[: 2 * MAX_QUOTED]).strip()) if quoted else "",
    )


def _signature(chrome: LetterChrome, language: str) -> tuple[str, ...]:
    if not chrome.signed:
        return ()
    return _signed_by(chrome.sender_name, chrome.representative_name, chrome.sent_by_person, language)


@lru_cache(maxsize=1024)
def _signed_by(sender: str, person: str, sent_by_person: bool, language: str) -> tuple[str, ...]:
    words, sender, person = words_for(language), clean(sender), clean(person)
    if sent_by_person:
        return tuple(filter(None, (words.regards, person, sender)))
    return tuple(filter(None, (words.regards, sender, words.on_behalf.format(name=person) if person else "")))


def _quote_line(quoted: QuotedMail, zone: tzinfo, language: str) -> str:
    return quote_line(clean(quoted.author), quoted.sent_at, zone, base_language(language))


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED].rstrip() + " […]"

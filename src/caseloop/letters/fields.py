"""Which fields can a letter name, and what do they hold?"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from types import MappingProxyType

from caseloop.letters.dates import day_and_month, day_of_week_and_month, long_date
from caseloop.letters.errors import LetterTooLarge
from caseloop.letters.lighttext import clean
from caseloop.letters.words import base_language, words_for

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "contact.name": "The customer's full name",
        "contact.first_name": "The customer's first name",
        "contact.greeting_name": "The name to greet with: first name or full name, as the language has it",
        "organization.name": "The customer's company",
        "case.number": "The case number, like CAS-01042-K7",
        "case.title": "The case's title",
        "case.opened_on": "The day the case was opened",
        "sender.name": "The team the mail comes from",
        "representative.name": "The case's owner",
        "follow_up.number": "Which follow-up this is: 1, 2, …",
        "follow_up.of": "How many follow-ups the rule has",
        "last_mail.sent_on": "The day of our last mail to the customer",
        "closes_on": "The day on which the case is closed without an answer; the last mail has to say it",
        "reopen_until": "The last day on which an answer opens the case again",
        "keep_open": "A sentence: how to keep the case open",
        "buttons": "True when the mail has buttons for the customer",
    }
)
"""Every field and what it holds. Custom fields of a case come as `case.custom.<name>`."""

MAX_VALUE = 64 * 1024
"""Characters in one value (design, section 2: letters)."""

MAX_NAME = 300
"""Characters that are taken of a name or a title."""

_LINK = re.compile(r"(?i)(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:)\S*|\b(?:[\w-]+\.)+[a-z]{2,}/\S*")
_FROM_OUTSIDE = ("contact.", "organization.", "case.title")


@dataclass(frozen=True, slots=True)
class Day:
    """A date in a letter: long by default, shorter by the filters `day` and `short_day`."""

    on: date
    language: str

    def __str__(self) -> str:
        return long_date(self.on, self.language)

    def with_weekday(self) -> str:
        return day_of_week_and_month(self.on, self.language)

    def short(self) -> str:
        return day_and_month(self.on, self.language)


def writable(name: str, value: object, language: str, zone: tzinfo) -> object | None:
    """What a template gets for this field: words without markup or links of others, a number, a Day; None
    when empty.

    An aware datetime becomes the day it is in `zone`, the customer's.
    """
    match value:
        case None | "":
            return None
        case str():
            if len(value) > MAX_VALUE:
                raise LetterTooLarge(f"“{name}” has {len(value):,} characters; a letter takes {MAX_VALUE:,}.")
            words = clean(value)
            return (_from_outside(name, words) if name.startswith(_FROM_OUTSIDE) else words) or None
        case bool() | int():
            return value
        case datetime():
            return Day(value.astimezone(zone).date(), base_language(language))
        case date():
            return Day(value, base_language(language))
        case _:
            return clean(str(value)) or None


def greeting_name(name: str, first_name: str, language: str) -> str:
    """The name to greet with, "Schwarz, Anna" turned round; empty when there is none, or only an address."""
    if "@" in name:
        name = ""
    family, comma, given = name.partition(",")
    if comma and given.strip():
        name = f"{given.strip()} {family.strip()}"
    if words_for(language).greets_by_first_name:
        return first_name or name.partition(" ")[0]
    return name or first_name


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known field that was probably meant."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def _from_outside(name: str, words: str) -> str:
    """Names and titles come in by mail: they are kept short, and no address of theirs leaves in our name
    (spec 5.4)."""
    if len(words) > MAX_NAME:
        words = words[:MAX_NAME].rstrip() + "…"
    if "://" not in words and "." not in words and ":" not in words:
        return words
    if name == "case.title":
        return _LINK.sub("…", words)
    return "" if _LINK.search(words) else words

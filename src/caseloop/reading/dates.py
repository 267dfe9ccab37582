"""On which day can an answer be expected?"""

import re
from datetime import date, datetime, time, timedelta

from caseloop.reading import date_words as words
from caseloop.reading.date_grammar import Mention, days_named_in
from caseloop.reading.language import guess_language

_MAX_LETTERS = 3000
_FARTHEST = timedelta(days=300)
_SENTENCE_END = re.compile(r"(?<!\d)[.!?](?=\s|$)|[。！？;；]|\.(?=\s[A-ZÀ-Þ])")


def resume_date(text: str, received_on: date, language: str | None = None) -> date | None:
    """The day on which an answer can be expected, by what the new text says; None where it says none or a past one.

    `received_on`: the local date on which the mail was received. "Back on X" is X, "until X" the day after, a weekday
    the next one, "next week" its Monday; a date without a year is the next such date. No shift for weekends.
    """
    text = re.sub(r"\s+", " ", text[:_MAX_LETTERS]).strip()
    language = language or guess_language(text) or _language_of_names(text)
    languages = (language, "en") if language in words.UNITS and language != "en" else ("en",)
    best: tuple[int, int] | None = None
    resume: date | None = None
    mentions = list(days_named_in(text, received_on, languages))
    for mention in mentions:
        rank, day = _ranked(text, mention)
        if received_on < day <= received_on + _FARTHEST and (best is None or (rank, mention.start) >= best):
            best, resume = (rank, mention.start), day
    if not mentions and language is not None and language not in words.UNITS:
        return _by_library(text, received_on, language)
    return resume


def _language_of_names(text: str) -> str | None:
    """The language whose months and weekdays a text names that is too short to be guessed otherwise."""
    said = set(re.findall(r"[^\W\d_]{4,}", text.lower()))
    for language in words.MONTHS:
        names = re.split(r"[ |]", f"{words.MONTHS[language]} {words.WEEKDAYS[language]}")
        if said & set(names):
            return language
    return None


def _ranked(text: str, mention: Mention) -> tuple[int, date]:
    """How likely the mention is the day of return, and the day it means: the words around it decide."""
    before = _SENTENCE_END.split(text[max(0, mention.start - 90) : mention.start])[-1]
    after = _SENTENCE_END.split(text[mention.end : mention.end + 60])[0]
    if words.NOT_BEFORE.search(before):
        return 95, mention.day
    if words.UNTIL_AFTER.match(after) or words.UNTIL.search(before):
        return (80 if mention.exactness >= 40 else 30), mention.day + timedelta(days=1)
    if words.RETURN.search(f"{before[-60:]} {after[:45]}"):
        return 100, mention.day
    return mention.exactness, mention.day


def _by_library(text: str, received_on: date, language: str) -> date | None:
    """The same for languages beyond our own grammar; loaded late, because it costs more than reading the mail."""
    from dateparser.search import search_dates

    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": datetime.combine(received_on, time()),
        "REQUIRE_PARTS": ["day", "month"],
    }
    try:
        found = search_dates(text[:1000], languages=[language], settings=settings) or []
    except (ValueError, OverflowError, RecursionError):
        return None
    days = [moment.date() for words_, moment in found if re.search(r"\d", words_)]
    ahead = [day for day in days if received_on < day <= received_on + _FARTHEST]
    return ahead[-1] if ahead else None

"""Which days does a text name?"""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from caseloop.reading import date_words as words


@dataclass(frozen=True, slots=True)
class Mention:
    """A day named in a text, from letter `start` to `end`; `exactness` is higher for a date than for "next week"."""

    start: int
    end: int
    day: date
    exactness: int


def days_named_in(text: str, today: date, languages: tuple[str, ...]) -> Iterator[Mention]:
    """Every day that `text` names by the grammar of `languages`, from left to right; longer ways of saying it win."""
    lower = text.lower()
    found = [
        Mention(match.start(), match.end(), day, rule.exactness)
        for rule in _rules(languages)
        for match in rule.pattern.finditer(lower)
        if (day := rule.read(match, today)) is not None
    ]
    end = -1
    for mention in sorted(found, key=lambda mention: (mention.start, -mention.end, -mention.exactness)):
        if mention.start >= end:
            yield mention
            end = mention.end


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], date], date | None]
    exactness: int


@cache
def _rules(languages: tuple[str, ...]) -> tuple[_Rule, ...]:
    months = _numbered(words.MONTHS[language] for language in languages if language in words.MONTHS)
    weekdays = _numbered(words.WEEKDAYS[language] for language in languages)
    any_weekday = _choice(weekdays)
    long_weekday = _choice(name for name in weekdays if name not in words.SHORT_WEEKDAYS)
    month = _choice(months)
    the = r"(?:(?:the|den|der|dem|le|el|il|dia|día|op|de|on)\s+|,\s*)*"
    lead = rf"(?:(?<!\w)(?:{any_weekday})(?:en|s)?\.?,?\s*\(?{the})?"
    tail = rf"(?:\s*[,(（]\s*(?:{any_weekday})\w*[)）]?|\s+(?:{long_weekday})(?!\w))?"
    # Chinese and Japanese put no blanks between words.
    edge, end = ("", "") if {"ja", "zh"} & set(languages) else (r"(?<!\w)", r"(?!\w|-?\w*(?:s\b|days\b))")
    year = r"(?:,?\s*(?:de\s|del\s|do\s|of\s)?(?P<year>20\d\d)(?!\d))?"
    ordinal = r"(?:st|nd|rd|th|er|º|°|ª|:e|:a|e)?"
    dated = (
        rf"(?<![\d.:/])(?P<day>\d{{1,2}}){ordinal}\.?\s*(?:de\s|of\s|d['’]|di\s)?\s*(?P<month>{month})(?!\w)\.?{year}"
    )
    numbers = r"(?P<one>\d{1,2})(?P<mark>[./])\s?(?P<two>\d{1,2})(?:(?P=mark)\s?(?P<year>\d{4}|\d\d(?![:\d]))|\.)?"
    cjk = r"(?:(?P<year>20\d\d)\s?年\s?)?(?<!\d)(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?[日号號]"
    month_first = rf"(?<!\w)(?P<month>{month})(?!\w)\.?\s+(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]|\.\d)"
    next_one = r"(?:\s+(?:der\s)?(?:nächste[rn]?|next)\s+(?:woche|week))?"
    not_time = r"(?![\w]|[:/%]\d?|\.\d|\s?(?:uhr|h\b|am\b|pm\b|a\.m|p\.m|o'clock|%))"

    def by_names(match: re.Match[str], today: date) -> date | None:
        return _dated(months[match["month"]], int(match["day"]), match["year"], today)

    def week_of(match: re.Match[str], today: date) -> date | None:
        day = by_names(match, today)
        return day and day - timedelta(days=day.weekday())

    def week_number(match: re.Match[str], today: date) -> date | None:
        return _in_week(int(match["week"]), weekdays.get(match["weekday"] or "", 0), today)

    def weekday(match: re.Match[str], today: date) -> date | None:
        return today + timedelta(days=(weekdays[match["weekday"]] - today.weekday()) % 7 or 7)

    def weekday_next_week(match: re.Match[str], today: date) -> date | None:
        return _monday(today) + timedelta(days=weekdays[match["weekday"]])

    def numeric(match: re.Match[str], today: date) -> date | None:
        return _numeric(match, today, day_first=languages != ("en",))

    sources = [
        (r"(?<!\d)(?P<year>20\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)" + tail, _by_numbers, 50),
        (cjk + tail, _by_numbers, 50),
        (rf"{lead}(?<![\d.:/-]){numbers}(?![\d%:/]){tail}", numeric, 50),
        (rf"(?:{words.WEEK_OF})\s+{dated}", week_of, 50),
        (rf"{lead}{dated}{tail}", by_names, 50),
        (rf"{lead}{month_first}{year}", by_names, 50),
        (rf"(?:(?<!\w)(?P<weekday>{long_weekday})(?!\w),?\s*(?:in\s|der\s|i\s)?)?{words.WEEK_NUMBER}", week_number, 45),
        (rf"(?<!\w)(?:{any_weekday})(?:en)?\.?,?\s*\(?{the}(?P<day>\d{{1,2}}){ordinal}{not_time}", _by_day, 45),
        (r"\bthe\s(?P<day>\d{1,2})(?:st|nd|rd|th)(?!\w)", _by_day, 42),
        (r"\b(?:dia|día)\s(?P<day>\d{1,2})(?![\w/]|\sde\b)", _by_day, 42),
        (r"(?<!\d)(?P<day>\d{1,2})\s?[号號](?![线楼机门店单码])", _by_day, 42),
        (r"(?<![\d月])(?P<day>\d{1,2})\s?日(?![間目以前後営])", _by_day, 42),
        *((rf"{_edge(language)}(?:{words.NEXT_WEEK[language]})", _next_monday, 35) for language in languages),
        (rf"(?:下个?|来週の?)(?P<weekday>{long_weekday})", weekday_next_week, 45),
        (rf"{edge}(?P<weekday>{long_weekday}){end}{next_one}", weekday, 40),
        *((rf"{_edge(language)}(?:{words.TOMORROW[language]})", _in_days(1), 36) for language in languages),
        *((rf"{_edge(language)}(?:{words.DAY_AFTER[language]})", _in_days(2), 36) for language in languages),
        *((rf"{_edge(language)}(?:{words.END_OF_MONTH[language]})", _end_of_month, 37) for language in languages),
        *((rf"{_edge(language)}(?:{words.NEXT_MONTH[language]})", _next_month, 34) for language in languages),
        *_spans(languages),
    ]  # fmt: skip
    return tuple(_Rule(re.compile(source), read, exactness) for source, read, exactness in sources)


_Source = tuple[str, Callable[[re.Match[str], date], date | None], int]


def _spans(languages: Iterable[str]) -> Iterator[_Source]:
    """ "In two weeks", "give it another week", "noch drei Tage"."""
    for language in languages:
        days, weeks, months = words.UNITS[language]
        numbers = words.NUMBERS[language].split(" ")
        counts = "|".join(numbers)
        space = r"\s?" if language in ("ja", "zh") else r"\s+"
        lead = rf"(?:{words.IN[language]})\s+" if words.IN[language] else ""
        tail = {"tr": r"\s+(?:sonra|içinde)", "ja": r"(?:ほど|くらい)?(?:お待ち|待っ|後|の?猶予)?"}.get(language, "")
        for unit, pattern in (("days", days), ("weeks", weeks), ("months", months)):
            source = rf"(?<!\w)(?:{lead})(?P<count>\d{{1,3}}|{counts}){space}(?:{pattern})(?!\w){tail}"
            if language in ("ja", "zh"):
                source = source.replace(r"(?<!\w)", "").replace(r"(?!\w)", "")
            yield source, _span_reader(numbers, unit), 38
        if language == "pl":
            yield (
                r"(?<!\w)(?:za|o|jeszcze)\s+(?P<count>)(?:tydzień)(?!\w)",
                _span_reader(numbers, "weeks"),
                38,
            )


def _span_reader(numbers: list[str], unit: str) -> Callable[[re.Match[str], date], date | None]:
    def read(match: re.Match[str], today: date) -> date | None:
        said = match["count"]
        if said.isdecimal():
            count = int(said)
        else:
            count = next((at for at, name in enumerate(_positions(numbers), 1) if re.fullmatch(name, said)), 1)
        if unit == "months":
            return _months_on(today, count) if count < 12 else None
        length = timedelta(days=count) if unit == "days" else timedelta(weeks=count)
        return today + length if length < timedelta(days=300) else None

    return read


def _positions(numbers: list[str]) -> list[str]:
    return [f"(?:{name})" for name in numbers]


def _by_numbers(match: re.Match[str], today: date) -> date | None:
    return _dated(int(match["month"]), int(match["day"]), match["year"], today)


def _by_day(match: re.Match[str], today: date) -> date | None:
    """The next day with this number in its month."""
    number = int(match["day"])
    for ahead in range(1, 63):
        day = today + timedelta(days=ahead)
        if day.day == number:
            return day
    return None


def _numeric(match: re.Match[str], today: date, *, day_first: bool) -> date | None:
    one, two, year = int(match["one"]), int(match["two"]), match["year"]
    if year is None and match["mark"] == "." and not (match[0].endswith(".") or len(match["two"]) == 2):
        return None
    choices = [_dated(two, one, year, today)]
    if match["mark"] == "/" and not day_first:
        choices.append(_dated(one, two, year, today))
    # 05/06 is May in Boston and June in London: the nearer day ahead is the likelier one.
    ahead = [day for day in choices if day is not None and day >= today]
    return min(ahead) if ahead else next((day for day in choices if day is not None), None)


def _dated(month: int, number: int, year: str | None, today: date) -> date | None:
    if year is not None:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, number)
    return next((day for ahead in range(5) if (day := _day(today.year + ahead, month, number)) and day >= today), None)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _in_week(week: int, weekday: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            day = date.fromisocalendar(year, week, weekday + 1)
        except ValueError:
            return None
        if day >= today:
            return day
    return None


def _monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


def _next_monday(match: re.Match[str], today: date) -> date:
    return _monday(today)


def _in_days(count: int) -> Callable[[re.Match[str], date], date]:
    return lambda match, today: today + timedelta(days=count)


def _end_of_month(match: re.Match[str], today: date) -> date:
    return today.replace(day=calendar.monthrange(today.year, today.month)[1])


def _next_month(match: re.Match[str], today: date) -> date:
    return (today.replace(day=28) + timedelta(days=4)).replace(day=1)


def _months_on(today: date, count: int) -> date:
    years, month = divmod(today.month - 1 + count, 12)
    year = today.year + years
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _edge(language: str) -> str:
    return "" if language in ("ja", "zh") else r"(?<!\w)"


def _numbered(tables: Iterable[str]) -> dict[str, int]:
    """Each name with its place in its table; the first table wins where languages share a name."""
    numbers: dict[str, int] = {}
    for table in tables:
        groups = table.split(" ")
        first = 1 if len(groups) == 12 else 0
        for place, names in enumerate(groups, first):
            for name in names.split("|"):
                numbers.setdefault(name, place)
    return numbers


def _choice(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"

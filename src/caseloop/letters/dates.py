"""How is a date written in the customer's language?"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache


@lru_cache(maxsize=4096)
def long_date(day: date, language: str) -> str:
    """Weekday, day, month and year in words; ISO 8601 in a language that has no table here."""
    words = DATE_WORDS.get(language)
    return words.write(words.long, day) if words else day.isoformat()


@lru_cache(maxsize=4096)
def day_of_week_and_month(day: date, language: str) -> str:
    """Weekday, day and month, without the year: for days of the last and next weeks."""
    words = DATE_WORDS.get(language)
    return words.write(words.weekday_day, day) if words else day.isoformat()


@lru_cache(maxsize=4096)
def day_and_month(day: date, language: str) -> str:
    """Day and month only."""
    words = DATE_WORDS.get(language)
    return words.write(words.day, day) if words else day.isoformat()


def quote_line(author: str, sent_at: datetime, zone: tzinfo, language: str) -> str:
    """The line above a quoted mail, as mail programs of that language write it; `sent_at` is shown in
    `zone`."""
    local = sent_at.astimezone(zone)
    return _quote_of(local.date(), language).format(author=author, time=_date_words(language).clock(local))


@lru_cache(maxsize=4096)
def _quote_of(day: date, language: str) -> str:
    """The line above a mail of that day, with holes for `author` and `time`."""
    words = _date_words(language)
    return words.write(words.quote, day, author="{author}", time="{time}")


def _date_words(language: str) -> "DateWords":
    return DATE_WORDS.get(language) or DATE_WORDS["en"]


@dataclass(frozen=True, slots=True)
class DateWords:
    """Names of months and days in one language, and the order they are written in."""

    months: str
    short_months: str
    weekdays: str
    short_weekdays: str
    day: str
    weekday_day: str
    long: str
    quote: str
    first: str = "1"
    twelve_hours: bool = False

    def write(self, pattern: str, day: date, **more: str) -> str:
        return pattern.format(
            d=self.first if day.day == 1 else day.day,
            month=self.months.split()[day.month - 1],
            mon=self.short_months.split()[day.month - 1],
            weekday=self.weekdays.split()[day.weekday()],
            wd=self.short_weekdays.split()[day.weekday()],
            year=day.year,
            m=day.month,
            **more,
        )

    def clock(self, local: datetime) -> str:
        if not self.twelve_hours:
            return f"{local.hour:02}:{local.minute:02}"
        return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"


DATE_WORDS = {
    "en": DateWords(
        months="January February March April May June July August September October November December",
        short_months="Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        weekdays="Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        short_weekdays="Mon Tue Wed Thu Fri Sat Sun",
        day="{month} {d}",
        weekday_day="{weekday}, {month} {d}",
        long="{weekday}, {month} {d}, {year}",
        quote="On {wd}, {mon} {d}, {year} at {time}, {author} wrote:",
        twelve_hours=True,
    ),
    "de": DateWords(
        months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        short_months="Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        weekdays="Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        short_weekdays="Mo. Di. Mi. Do. Fr. Sa. So.",
        day="{d}. {month}",
        weekday_day="{weekday}, {d}. {month}",
        long="{weekday}, {d}. {month} {year}",
        quote="Am {wd}, {d}. {mon} {year} um {time} schrieb {author}:",
    ),
    "fr": DateWords(
        months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        short_months="janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        weekdays="lundi mardi mercredi jeudi vendredi samedi dimanche",
        short_weekdays="lun. mar. mer. jeu. ven. sam. dim.",
        day="{d} {month}",
        weekday_day="{weekday} {d} {month}",
        long="{weekday} {d} {month} {year}",
        quote="Le {wd} {d} {mon} {year} à {time}, {author} a écrit :",
        first="1er",
    ),
    "es": DateWords(
        months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        short_months="ene feb mar abr may jun jul ago sept oct nov dic",
        weekdays="lunes martes miércoles jueves viernes sábado domingo",
        short_weekdays="lun mar mié jue vie sáb dom",
        day="{d} de {month}",
        weekday_day="{weekday} {d} de {month}",
        long="{weekday} {d} de {month} de {year}",
        quote="El {wd}, {d} {mon} {year} a las {time}, {author} escribió:",
    ),
    "pt": DateWords(
        months="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        short_months="jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
        weekdays="segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        short_weekdays="seg. ter. qua. qui. sex. sáb. dom.",
        day="{d} de {month}",
        weekday_day="{d} de {month} ({weekday})",
        long="{d} de {month} de {year} ({weekday})",
        quote="Em {wd}, {d} de {mon} de {year} às {time}, {author} escreveu:",
    ),
    "it": DateWords(
        months=("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
        short_months="gen feb mar apr mag giu lug ago set ott nov dic",
        weekdays="lunedì martedì mercoledì giovedì venerdì sabato domenica",
        short_weekdays="lun mar mer gio ven sab dom",
        day="{d} {month}",
        weekday_day="{weekday} {d} {month}",
        long="{weekday} {d} {month} {year}",
        quote="Il giorno {wd} {d} {mon} {year} alle ore {time} {author} ha scritto:",
        first="1º",
    ),
    "nl": DateWords(
        months="januari februari maart april mei juni juli augustus september oktober november december",
        short_months="jan feb mrt apr mei jun jul aug sep okt nov dec",
        weekdays="maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        short_weekdays="ma di wo do vr za zo",
        day="{d} {month}",
        weekday_day="{weekday} {d} {month}",
        long="{weekday} {d} {month} {year}",
        quote="Op {wd} {d} {mon} {year} om {time} schreef {author}:",
    ),
    "ja": DateWords(
        months=" ".join(f"{number}月" for number in range(1, 13)),
        short_months=" ".join(f"{number}月" for number in range(1, 13)),
        weekdays="月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日",
        short_weekdays="月 火 水 木 金 土 日",
        day="{m}月{d}日",
        weekday_day="{m}月{d}日（{wd}）",
        long="{year}年{m}月{d}日（{wd}）",
        quote="{year}年{m}月{d}日({wd}) {time} {author}:",
    ),
}

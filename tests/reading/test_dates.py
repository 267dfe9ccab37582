"""Is the day on which an answer can be expected read from what people and their programs write?"""

from datetime import date

import pytest

from caseloop.reading.dates import resume_date

TUESDAY = date(2026, 3, 3)

SAID = [
    ("I'm back on Monday 16 March.", date(2026, 3, 16)),
    ("I am out of the office until March 13.", date(2026, 3, 14)),
    ("I am away from 2 March to 13 March.", date(2026, 3, 14)),
    ("Out from 2 to 13 March, back Monday the 16th.", date(2026, 3, 16)),
    ("I will return on 3/16/2026.", date(2026, 3, 16)),
    ("Back 2026-03-16.", date(2026, 3, 16)),
    ("I'll test it tomorrow.", date(2026, 3, 4)),
    ("Can do it the day after tomorrow.", date(2026, 3, 5)),
    ("Will try on Friday.", date(2026, 3, 6)),
    ("I'll look at it next week.", date(2026, 3, 9)),
    ("Ask me again in two weeks.", date(2026, 3, 17)),
    ("Give it another week, please.", date(2026, 3, 10)),
    ("Please wait 10 days.", date(2026, 3, 13)),
    ("We see it at the end of the month.", date(2026, 3, 31)),
    ("Try the week of 16 March.", date(2026, 3, 16)),
    ("Not back until Thursday.", date(2026, 3, 5)),
    ("I was away until 27 February 2026.", None),
    ("A few days, please.", None),
    ("Soon!", None),
    ("We are open Mondays to Fridays.", None),
    ("The error came at 10:30 and 11.45.", None),
    ("It shows 5.4 bar and version 7.1.", None),
    ("Ich bin ab dem 16.03. wieder im Büro.", date(2026, 3, 16)),
    ("Ich bin bis einschließlich 13. März nicht im Haus.", date(2026, 3, 14)),
    ("Ich teste das morgen und melde mich.", date(2026, 3, 4)),
    ("Nächste Woche kann ich es prüfen.", date(2026, 3, 9)),
    ("In drei Wochen bin ich wieder da.", date(2026, 3, 24)),
    ("Je suis absente jusqu'au 13 mars inclus.", date(2026, 3, 14)),
    ("Je serai de retour le lundi 16 mars.", date(2026, 3, 16)),
    ("Je vous réponds la semaine prochaine.", date(2026, 3, 9)),
    ("Estaré fuera de la oficina hasta el 13 de marzo.", date(2026, 3, 14)),
    ("Vuelvo el lunes 16 y lo pruebo.", date(2026, 3, 16)),
    ("Lo miro mañana por la tarde y le aviso.", date(2026, 3, 4)),
    ("Estou de férias até 13/03.", date(2026, 3, 14)),
    ("Volto no dia 16 de março e aviso vocês.", date(2026, 3, 16)),
    ("Sarò di ritorno il 16 marzo.", date(2026, 3, 16)),
    ("Sono in ferie fino al 13 marzo compreso.", date(2026, 3, 14)),
    ("Ik ben maandag 16 maart weer aanwezig.", date(2026, 3, 16)),
    ("Ik ben met vakantie t/m 13 maart.", date(2026, 3, 14)),
    ("Wracam 16 marca, wtedy sprawdzę.", date(2026, 3, 16)),
    ("Jestem na urlopie do 13 marca.", date(2026, 3, 14)),
    ("16 Mart Pazartesi günü ofise döneceğim.", date(2026, 3, 16)),
    ("13 Mart tarihine kadar izinliyim.", date(2026, 3, 14)),
    ("Jag är tillbaka måndagen den 16 mars.", date(2026, 3, 16)),
    ("Jag testar nästa vecka och återkommer.", date(2026, 3, 9)),
    ("3月13日まで休暇をいただいております。", date(2026, 3, 14)),
    ("3月16日に出社いたします。", date(2026, 3, 16)),
    ("来週確認いたします。", date(2026, 3, 9)),
    ("本人3月2日至13日休假，3月16日恢复上班。", date(2026, 3, 16)),
    ("我明天测试一下再回复您。", date(2026, 3, 4)),
    ("下周一给您答复。", date(2026, 3, 9)),
]


@pytest.mark.parametrize("text,expected", SAID, ids=[text for text, _ in SAID])
def test_the_day_of_return_is_read_on_tuesday_3_march_2026(text: str, expected: date | None) -> None:
    assert resume_date(text, TUESDAY) == expected


def test_a_date_without_a_year_is_the_next_such_date() -> None:
    assert resume_date("Back on 5 January.", date(2026, 12, 20)) == date(2027, 1, 5)


def test_a_return_that_has_passed_is_no_date_of_next_year() -> None:
    assert resume_date("I am out of the office until 2 January.", date(2026, 1, 15)) is None


def test_a_slash_date_in_english_is_the_nearer_day_ahead() -> None:
    assert resume_date("Back on 05/03.", date(2026, 3, 3)) == date(2026, 3, 5)
    assert resume_date("Back on 03/05.", date(2026, 3, 1)) == date(2026, 3, 5)

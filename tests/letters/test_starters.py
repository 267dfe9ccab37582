"""Do the shipped templates work for every case, and keep their promises to the customer?"""

from datetime import date

import pytest

from caseloop.letters.chrome import LetterChrome
from caseloop.letters.closing_date import mentions_closing_date
from caseloop.letters.compiling import problems
from caseloop.letters.dates import day_of_week_and_month, long_date
from caseloop.letters.render import render
from caseloop.letters.starters import PURPOSES, starter, starter_templates

LANGUAGES = ["en", "de", "fr", "es", "pt", "it", "nl", "ja"]
BUTTONS = {name: f"https://care.example/{name}" for name in ("solved", "need_help", "more_time", "no_more")}
FIELDS = {
    "last_mail.sent_on": date(2026, 11, 19),
    "closes_on": date(2026, 11, 30),
    "reopen_until": date(2026, 12, 14),
}
EVERY_ONE = [(purpose, language) for purpose in PURPOSES for language in LANGUAGES]


def made(purpose, language, name="Noor Ito", buttons=False):
    chrome = LetterChrome(
        case_number="CAS-01073-R8",
        case_title="Grinder",
        sender_name="Contoso Care",
        buttons=BUTTONS if buttons else {},
    )
    return render(starter(purpose, language), {"contact.name": name, **FIELDS}, chrome)


def test_all_five_purposes_come_in_all_eight_languages():
    found = {(one.purpose, text.language) for one in starter_templates() for text in one.texts}
    assert found == set(EVERY_ONE)


@pytest.mark.parametrize(("purpose", "language"), EVERY_ONE)
def test_every_starter_can_be_saved_and_is_short_and_calm(purpose, language):
    assert problems(starter(purpose, language)) == ()
    for buttons in (False, True):
        letter = made(purpose, language, buttons=buttons)
        own_words = letter.text.split("\n-- \n")[0]
        assert "!" not in own_words
        assert "！" not in own_words
        assert "{" not in letter.text
        assert own_words.replace("？", "?").count("?") <= 1
        assert "CAS-01073-R8" in letter.subject
        assert f'<html lang="{language}"' in letter.html
        assert len(letter.html.encode()) < 8 * 1024


@pytest.mark.parametrize(("purpose", "language"), EVERY_ONE)
def test_every_starter_greets_by_name_and_does_without_one(purpose, language):
    assert "Noor" in made(purpose, language).text.split("\n")[0]
    nameless = made(purpose, language, name="").text.split("\n")[0]
    assert nameless.rstrip(",.:").strip()
    assert " ," not in nameless


@pytest.mark.parametrize("language", LANGUAGES)
def test_last_one_says_the_closing_date_in_bold_and_how_to_keep_the_case_open(language):
    assert mentions_closing_date(starter("last", language))
    letter = made("last", language)
    bold = letter.html.partition("<strong>")[2].partition("</strong>")[0]
    assert long_date(date(2026, 11, 30), language) in bold
    assert long_date(date(2026, 11, 30), language) in letter.text.replace("\n", " ")
    assert not mentions_closing_date(starter("second", language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_closing_notice_says_until_when_an_answer_opens_the_case_again_and_has_no_solved_button(language):
    letter = made("closing_notice", language, buttons=True)
    assert long_date(date(2026, 12, 14), language) in letter.text.replace("\n", " ")
    assert BUTTONS["need_help"] in letter.text
    assert BUTTONS["solved"] not in letter.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_only_spoken_of_when_there_are_any(language):
    with_buttons, without = made("second", language, buttons=True), made("second", language)
    assert BUTTONS["solved"] in with_buttons.text
    assert len(without.text) < len(with_buttons.text)
    assert "care.example" not in without.text + without.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_follow_ups_name_the_day_of_our_last_mail(language):
    for purpose in ("first", "second", "last"):
        assert day_of_week_and_month(date(2026, 11, 19), language) in made(purpose, language).text.replace("\n", " ")


def test_regional_language_finds_its_base_and_an_unknown_one_english():
    assert starter("first", "pt-BR").language == "pt"
    assert starter("first", "pl").language == "en"

"""Does a letter say what its template and its case say, in both bodies, and nothing else?"""

from datetime import UTC, date, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloop.letters.chrome import LetterChrome, QuotedMail
from caseloop.letters.compiling import LetterSource
from caseloop.letters.errors import LetterTooLarge, MissingField, UnknownField
from caseloop.letters.render import MAX_SUBJECT, letter_from_words, render

BERLIN = ZoneInfo("Europe/Berlin")
CHROME = LetterChrome(
    case_number="CAS-01073-R8",
    case_title="Return of cleaning tablets",
    sender_name="Contoso Coffee Care",
    representative_name="Sofia Marchetti-Brandenburger",
    zone=BERLIN,
)
WITH_BUTTONS = LetterChrome(
    case_number="CAS-01073-R8",
    case_title="Return of cleaning tablets",
    sender_name="Contoso Coffee Care",
    buttons={name: f"https://care.example/a/1?a={name}&b=2" for name in ("solved", "need_help", "no_more")},
)


def letter(body, fields=None, chrome=CHROME, language="en", subject="Re: {{ case.title }}", **source):
    return render(LetterSource(subject, body, language, **source), fields or {}, chrome)


class Words(HTMLParser):
    """The visible words of an HTML part, and its tags."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.words, self.hidden = [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        if tag in {"style", "title"} or "display:none" in (dict(attrs).get("style") or ""):
            self.hidden += 1

    def handle_endtag(self, tag):
        if tag in {"style", "title", "div"}:
            self.hidden -= 1

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)


def words_of(html):
    return " ".join(" ".join(Words(html).words).split())


def test_text_and_html_say_the_same():
    made = letter(
        "Hello {{ contact.greeting_name }},\n\n:::\n**We close on {{ closes_on }}.**\n\n{{ keep_open }}\n:::\n\nBye",
        {"contact.name": "Priya Raghunathan", "closes_on": date(2026, 11, 30)},
    )
    said = "Hello Priya, We close on Monday, November 30, 2026. To keep it open, reply to this email. A person reads it. Bye"
    assert " ".join(made.text.split()).startswith(said)
    assert said in words_of(made.html)
    assert "<strong>We close on Monday, November 30, 2026.</strong>" in made.html


def test_automatic_letter_is_signed_by_the_team_for_the_representative_and_says_that_it_is_automatic():
    text = letter("Hello").text
    assert text == (
        "Hello\n\nKind regards\nContoso Coffee Care\nfor Sofia Marchetti-Brandenburger\n\n"
        "-- \nCase CAS-01073-R8\nThis email was written automatically. A person reads your answer.\n"
    )


def test_letter_of_a_person_is_signed_by_that_person_and_says_nothing_of_automation():
    chrome = LetterChrome(
        case_number="CAS-1",
        case_title="Grinder",
        sender_name="Care",
        representative_name="Sofia",
        sent_by_person=True,
    )
    made = letter("Hello", chrome=chrome)
    assert "Kind regards\nSofia\nCare\n" in made.text
    assert "automatically" not in made.text + made.html


def test_disclosure_can_be_switched_off():
    chrome = LetterChrome(case_number="CAS-1", case_title="Grinder", sender_name="Care", disclosure=False)
    assert "automatically" not in letter("Hello", chrome=chrome).text


def test_buttons_stand_where_the_template_has_them_and_only_those_that_have_an_address():
    made = letter(
        "Choose:\n\n[button solved]\n[button primary need_help]\n[button more_time]\n\nBye",
        chrome=WITH_BUTTONS,
    )
    assert (
        "Choose:\n\n* It’s solved:\n  https://care.example/a/1?a=solved&b=2\n"
        "* I still need help:\n  https://care.example/a/1?a=need_help&b=2\n\nBye"
    ) in made.text
    assert Words(made.html).links == [f"https://care.example/a/1?a={n}&b=2" for n in ("solved", "need_help", "no_more")]
    assert "more time" not in made.html
    assert "button" not in letter("Choose:\n\n[button solved]\n\nBye").text


def test_mail_it_follows_is_quoted_below_with_the_time_in_the_customers_zone():
    chrome = LetterChrome(
        case_number="CAS-1",
        case_title="Grinder",
        sender_name="Care",
        quoted=QuotedMail(
            "Contoso Coffee Care", datetime(2026, 11, 19, 8, 2, tzinfo=UTC), "Hello <Priya>,\n\nsee you."
        ),
        zone=BERLIN,
    )
    made = letter("Hello", chrome=chrome)
    assert made.text.endswith(
        "On Thu, Nov 19, 2026 at 9:02 AM, Contoso Coffee Care wrote:\n> Hello <Priya>,\n>\n> see you.\n"
    )
    assert "Hello &lt;Priya&gt;," in made.html


def test_long_quoted_mail_is_cut():
    chrome = LetterChrome(
        case_number="CAS-1",
        case_title="Grinder",
        sender_name="Care",
        quoted=QuotedMail("Priya", datetime(2026, 11, 19, 8, 2, tzinfo=UTC), "word " * 100_000),
    )
    made = letter("Hello", chrome=chrome)
    assert len(made.html) < 9_000
    assert "[…]" in made.text


@pytest.mark.parametrize(
    "name",
    [
        "<b>Anna</b>",
        "**Anna**",
        "{{ case.number }}",
        "Anna\r\nBcc: x@y.example",
        ":::",
        "[button solved]",
        "a\ue000b\ue001",
    ],
)
def test_what_a_customer_calls_herself_is_never_markup(name):
    made = letter("**{{ contact.name }}**\n\n{{ contact.name }}\n\nBye", {"contact.name": name}, WITH_BUTTONS)
    shown = " ".join(name.replace("\ue000", "").replace("\ue001", "").split())
    assert made.text.startswith(f"{shown}\n\n{shown}\n\nBye")
    assert shown in words_of(made.html)
    assert "b" not in Words(made.html).tags
    assert made.html.count("<strong>") == 1


@given(name=st.text(min_size=1, max_size=60), title=st.text(max_size=300))
def test_no_name_or_title_breaks_subject_or_page(name, title):
    chrome = LetterChrome(case_number="CAS-01073-R8", case_title=title, sender_name=name)
    made = letter(
        "{{ contact.name | default: 'you' }}\n\nBye",
        {"contact.name": name},
        chrome,
        subject="{{ case.title | default: '-' }}",
    )
    plain = letter("you\n\nBye")
    assert made.subject.splitlines() == [made.subject]
    assert "CAS-01073-R8" in made.subject
    assert Words(made.html).tags.count("p") == Words(plain.html).tags.count("p")


@pytest.mark.parametrize("name", ["Anna http://evil.example/x", "www.evil.example", "evil.example/login now"])
def test_name_with_an_address_in_it_counts_as_empty(name):
    made = letter("Hello{% if contact.name %} {{ contact.name }}{% endif %},", {"contact.name": name})
    assert made.text.startswith("Hello,")


def test_address_in_a_case_title_does_not_leave_in_our_name():
    made = letter("About {{ case.title }}", {"case.title": "Please see https://evil.example/pay now"})
    assert made.text.startswith("About Please see … now")
    assert "evil" not in made.subject


def test_subject_always_ends_up_with_the_case_number():
    assert letter("Hi", subject="Hello").subject == "Hello [CAS-01073-R8]"
    assert letter("Hi", subject="{{ case.number }}: hello").subject == "CAS-01073-R8: hello"


def test_very_long_subject_is_cut_before_the_case_number():
    subject = letter("Hi", {"case.title": "Grinder " * 60}, subject="Re: {{ case.title }} [{{ case.number }}]").subject
    assert len(subject) <= MAX_SUBJECT
    assert subject.endswith("… [CAS-01073-R8]")


def test_empty_field_takes_its_default():
    body = "Hello {{ contact.first_name | default: 'there' }} of {{ organization.name }}"
    made = letter(body, {"contact.first_name": " "}, defaults={"organization.name": "your company"})
    assert made.text.startswith("Hello there of your company")


@pytest.mark.parametrize("body", ["{{ closes_on }}", "{{ closes_on | day }}", "{{ contact.name | upcase }}"])
def test_empty_field_without_a_default_is_a_persons_business(body):
    with pytest.raises(MissingField, match="is empty for this case"):
        letter(body, {"closes_on": None, "contact.name": ""})


def test_empty_field_is_false_in_a_condition():
    assert letter("a{% if contact.name %}b{% endif %}{% unless closes_on %}c{% endunless %}").text.startswith("ac\n")


def test_unknown_field_is_an_error_that_names_the_line_and_what_was_meant():
    with pytest.raises(
        UnknownField,
        match=r"Line 3: there is no field “contact.firstname”. Did you mean “contact.first_name”\?",
    ):
        letter("Hello\n\n{{ contact.firstname }}")


def test_custom_fields_of_the_case_can_be_used_when_they_are_given():
    assert letter("{{ case.custom.serial }}", {"case.custom.serial": "B-17"}).text.startswith("B-17")
    with pytest.raises(MissingField):
        letter("{{ case.custom.serial }}", {"case.custom.serial": None})
    with pytest.raises(UnknownField):
        letter("{{ case.custom.serial }}")


def test_moment_becomes_the_day_it_is_for_the_customer():
    late_evening_utc = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    assert letter("{{ closes_on }}", {"closes_on": late_evening_utc}).text.startswith("Monday, November 30, 2026")


@pytest.mark.parametrize(
    ("language", "long", "day", "short"),
    [
        ("en", "Tuesday, December 1, 2026", "Tuesday, December 1", "December 1"),
        ("de", "Dienstag, 1. Dezember 2026", "Dienstag, 1. Dezember", "1. Dezember"),
        ("fr", "mardi 1er décembre 2026", "mardi 1er décembre", "1er décembre"),
        ("es", "martes 1 de diciembre de 2026", "martes 1 de diciembre", "1 de diciembre"),
        ("pt-BR", "1 de dezembro de 2026 (terça-feira)", "1 de dezembro (terça-feira)", "1 de dezembro"),
        ("it", "martedì 1º dicembre 2026", "martedì 1º dicembre", "1º dicembre"),
        ("nl", "dinsdag 1 december 2026", "dinsdag 1 december", "1 december"),
        ("ja", "2026年12月1日（火）", "12月1日（火）", "12月1日"),
        ("pl", "2026-12-01", "2026-12-01", "2026-12-01"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language, long, day, short):
    body = "{{ closes_on }}\n{{ closes_on | day }}\n{{ closes_on | short_day }}"
    text = letter(body, {"closes_on": date(2026, 12, 1)}, language=language).text
    assert text.split("\n\n")[0].split("\n") == [long, day, short]


def test_lines_of_the_text_part_are_short_enough_for_mail_and_no_word_is_lost():
    made = letter("word " * 100 + "https://care.example/" + "x" * 90)
    lines = made.text.split("\n\n")[0].split("\n")
    assert all(len(line) <= 72 for line in lines[:-1])
    assert " ".join(lines).split() == [*["word"] * 100, "https://care.example/" + "x" * 90]


def test_hidden_first_line_says_the_closing_date():
    made = letter(
        "Hello,\n\nsomething\n\n**We close on {{ closes_on | short_day }}.**",
        {"closes_on": date(2026, 11, 30)},
    )
    assert 'aria-hidden="true">We close on November 30.</div>' in made.html


def test_letter_larger_than_any_letter_is_refused():
    with pytest.raises(LetterTooLarge):
        letter(
            "{{ case.custom.note }}" * 100,
            {"case.custom.note": "x" * 60_000},
        )
    with pytest.raises(LetterTooLarge):
        letter("{{ contact.name }}", {"contact.name": "x" * 70_000})


@pytest.mark.parametrize("character", ["a", "ü", "漢", "🙂"])
def test_largest_letter_has_64_kib(character):
    source = "{{ case.custom.note }}" * 4
    quarter = character * (16 * 1024 // len(character.encode()))
    assert letter(source, {"case.custom.note": quarter}).text.startswith(character * 72)
    with pytest.raises(LetterTooLarge, match="longer than 64 KiB"):
        letter(source, {"case.custom.note": quarter + character})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_a_template_end_however_its_author_ended_them(end):
    assert letter(f"Hello,{end}{end}one{end}two").body == "Hello,\n\none\ntwo"


def test_words_of_a_person_are_framed_without_being_read_as_liquid():
    made = letter_from_words("Re: Grinder", "Hi Anna,\n\n{{ case.number }} is **done**.\n{% if %}", "en", CHROME)
    assert made.text.startswith("Hi Anna,\n\n{{ case.number }} is done.\n{% if %}\n\nKind regards")
    assert "<strong>done</strong>" in made.html


def test_body_can_be_edited_and_framed_again_without_change():
    source = "Hello {{ contact.name }},\n\n:::\n**bold {{ contact.name }}**\n\n[button primary need_help]\n:::\n\n{{ contact.name }}"
    for name in ("Anna", "**x**", ":::", "[button solved]", "a \\** b"):
        first = letter(source, {"contact.name": name}, WITH_BUTTONS)
        again = letter_from_words(first.subject, first.body, "en", WITH_BUTTONS)
        assert (again.text, again.html, again.body) == (first.text, first.html, first.body)

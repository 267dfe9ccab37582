"""Are templates that cannot be used refused, with the reason, before they do harm?"""

import contextlib
import time
import tracemalloc

import pytest

from caseloop.letters.chrome import LetterChrome
from caseloop.letters.closing_date import mentions_closing_date
from caseloop.letters.compiling import LetterSource, problems
from caseloop.letters.errors import LetterError, TemplateError
from caseloop.letters.render import letter_from_words, render

CHROME = LetterChrome(case_number="CAS-1", case_title="Grinder", sender_name="Care")


def source(body, subject="Hi"):
    return LetterSource(subject, body, "en")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("a\n{{ closes_onn }}", "Line 2: there is no field “closes_onn”. Did you mean “closes_on”?"),
        ("{{ contact }}", "there is no field “contact”"),
        ("{% for i in (1..3) %}x{% endfor %}", "Line 1: the tag “for” can't be used in letters"),
        ("a\n\n{%- assign x = 1 %}", "Line 3: the tag “assign” can't be used in letters"),
        ("{% if contact.name %}", "expected"),
        ("{{ contact.name | upcas }}", "there is no filter “upcas”. Did you mean “upcase”?"),
        ("{{ contact.name | replace: 'a', 'b' }}", "there is no filter “replace”"),
        ("{{ (1..5) }}", "ranges"),
        ("{% if (1..999999999) contains 'x' %}{% endif %}", "ranges"),
        ("{{ contact[case.title] }}", "without brackets"),
        ("{{ contact.name", "Line 1: “}}” is missing."),
        ("x" * 33_000, "longer than 32 KiB"),
        ("{% if contact.name %}" * 20 + "{% endif %}" * 20, "nest"),
    ],
)
def test_template_that_cannot_be_saved_says_why(body, says):
    (problem, *_) = problems(source(body))
    assert says in str(problem)
    assert "\n" not in str(problem)


def test_every_unknown_field_is_told_at_once():
    found = problems(source("{{ a.b }}\n{{ c }}", subject="{{ d }}"))
    assert [problem.name for problem in found] == ["d", "a.b", "c"]


def test_good_template_has_no_problems_and_custom_fields_can_be_made_known():
    assert problems(source("{% case contact.name %}{% when 'x' %}a{% else %}{{ case.number }}{% endcase %}")) == ()
    assert problems(source("{{ case.custom.serial }}"), more_fields=["case.custom.serial"]) == ()


BOMBS = [
    "{{ 'x'" + " | append: case.title" * 1500 + " }}",
    "{{ 'x'" + " | upcase" * 3000 + " }}",
    "{% if " + " or ".join(["contact.name"] * 2000) + " %}x{% endif %}",
    "{{ contact.name | truncate: 99999999999 }}" * 300,
    "{{ case.title | default: case.title }}" * 800,
    "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 500,
    "{% if a %}{% else %}" * 700,
    "{{ '" + "x" * 30_000 + "' }}",
    "{{" * 10_000,
    "{%" * 10_000,
    "{{" + " " * 30_000 + "}}",
    "{{ a" + " " * 30_000 + "b }}",
    "{% raw %}" * 3_000,
    "{{ case.title }}" * 2_000,
    "\\" * 32_000,
    "*" * 31_999,
    " " * 32_000 + ":::",
    "**" * 16_000,
    ":::\n" * 8_000,
]


@pytest.mark.parametrize("body", BOMBS, ids=range(len(BOMBS)))
def test_template_made_to_hurt_neither_takes_long_nor_much_memory(body):
    tracemalloc.start()
    began = time.monotonic()
    with contextlib.suppress(LetterError):
        for title in ("x" * 60_000, "a." * 30_000, "a" * 30_000 + "://"):
            made = render(source(body), {"case.title": title}, CHROME)
            letter_from_words("Hi", made.body, "en", CHROME)
    took, (_, most) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 5
    assert most < 60 * 1024 * 1024


@pytest.mark.parametrize(
    ("body", "mentions"),
    [
        ("We close on {{ closes_on }}.", True),
        ("**We close on {{ closes_on | day }}.**", True),
        ("{% if closes_on %}We close on {{ closes_on }}.{% endif %}", True),
        ("{% if buttons %}{{ closes_on }}{% else %}on {{ closes_on | short_day }}{% endif %}", True),
        (
            "{% if buttons %}{{ closes_on }}{% elsif contact.name %}soon{% else %}{{ closes_on }}{% endif %}",
            False,
        ),
        ("{% if contact.name %}We close on {{ closes_on }}.{% endif %}", False),
        ("{% comment %}{{ closes_on }}{% endcomment %}", False),
        ("{% if closes_on %}soon{% endif %}", False),
        ("{{ contact.name | default: closes_on }}", False),
        ("{{ closes_on | truncate: 1 }}", False),
        ("{{ 'closes_on' }} closes_on", False),
        ("We close soon.", False),
    ],
)
def test_last_letter_must_say_its_closing_date_whatever_happens(body, mentions):
    assert mentions_closing_date(source(body, subject="{{ closes_on }}")) is mentions


def test_broken_template_is_no_answer_to_whether_it_says_the_date():
    with pytest.raises(TemplateError):
        mentions_closing_date(source("{% if %}{{ closes_on }}"))

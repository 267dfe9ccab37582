"""Are texts held back that must not leave unread, and good ones let through?"""

import pytest

from caseloop.assistant.guardrails import MAX_WORDS, Unattended, objections

GOOD = "Hello Anna,\n\nwe wrote to you on Thursday about the grinder. Is it solved?\n\nhttps://care.contoso.example/a/1"
OURS = ("https://care.contoso.example/help", "call us: +49 30 1234567", "order 4500071283", "help@contoso.example")


def checks(body, subject="Re: Grinder [CAS-1]"):
    return [objection.check for objection in objections(Unattended(subject=subject, body=body, allowed_texts=OURS))]


def test_good_letter_passes():
    assert checks(GOOD) == []
    assert checks(GOOD + "\n\nCall +49 (30) 123 45 67 or write to help@contoso.example about order 4500071283.") == []


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (GOOD + " {{ contact.name }}", "left-overs"),
        (GOOD + " {% if x %}", "left-overs"),
        ("Dear [Name], " + GOOD, "left-overs"),
        ("", "empty"),
        ("Hi", "empty"),
        ("word " * (MAX_WORDS + 1), "length"),
        ("x" * 10_000, "length"),
        (GOOD + " https://evil.example/pay", "links"),
        (GOOD + " www.evil.example", "links"),
        (GOOD + " See evil-bank.com/login.", "links"),
        (GOOD + " https://care.contoso.example@evil.example/", "links"),
        (GOOD + " Write to boss@evil.example.", "addresses"),
        (GOOD + " Call +1 555 010 9999.", "numbers"),
    ],
)
def test_bad_letter_is_held_back_with_its_reason(body, check):
    assert check in checks(body)
    assert all(one.reason.endswith(".") for one in objections(Unattended(subject="x", body=body)))


def test_left_over_in_the_subject_and_a_second_line_are_seen():
    assert checks(GOOD, subject="Re: {{ case.title }}") == ["left-overs"]
    assert checks(GOOD, subject="Re: a\r\nBcc: x") == ["subject"]


def test_short_numbers_and_dates_are_no_phone_numbers():
    assert checks(GOOD + " On 30 November 2026 at 9:00 we close it, 3 of 3.") == []

"""Is what customers write in the demo read as it is meant, and does the story begin on a Monday whatever the day is?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from caseloop.assistant.builtin.promises import BuiltinMailJudge
from caseloop.assistant.builtin.reader import BuiltinReader
from caseloop.assistant.interfaces import ReplyInput
from caseloop.demo.behavior import back_on
from caseloop.demo.cast import Acts, Customer, the_cast, words
from caseloop.demo.customer_mail import Read, automatic_reply, away_until, question, read, reply
from caseloop.demo.story import ASKED_BEFORE, story_monday
from caseloop.domain.facts import Label
from caseloop.letters.starters import starter
from caseloop.reading.read import read_mail

WEDNESDAY = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ONE_PER_LANGUAGE = list({each.language: each for each in the_cast().all_customers}.values())
MEANT = {
    "thanks": Label.FAVORABLE,
    "angry": Label.NEGATIVE,
    "next_week": Label.DEFERRAL,
    "question": Label.QUESTION,
}


def follow_up(customer: Customer) -> Read:
    return Read(
        raw=b"",
        subject=f"Re: {customer.title} [CAS-01001-AZ]",
        sender="Contoso Coffee Care",
        sender_address="support@contoso.example",
        reply_to="Contoso Coffee Care <support+m1-abcdefghijkl@contoso.example>",
        message_id="<f1@contoso.example>",
        references="<a1@customer.example>",
        sent_at=WEDNESDAY,
        text=starter("first", customer.language).body,
        html="",
        is_automatic=True,
    )


@pytest.mark.parametrize("customer", ONE_PER_LANGUAGE, ids=lambda customer: customer.language)
@pytest.mark.parametrize("mood", MEANT)
def test_an_answer_is_read_as_it_is_meant_in_every_language(customer: Customer, mood: str) -> None:
    said = words(customer.language, mood)
    raw = reply(customer, follow_up(customer), said, WEDNESDAY).as_bytes()

    seen = read_mail(raw, WEDNESDAY.date())
    reading = BuiltinReader().read(
        ReplyInput(
            new_text=seen.new_text,
            received_on=WEDNESDAY.date(),
            language=customer.language,
            last_our_mail=follow_up(customer).text,
        )
    )

    assert seen.new_text.strip() == f"{said}\n\n{customer.name}", "the quoted mail is cut off"
    assert reading.label is MEANT[mood]


@pytest.mark.parametrize("customer", ONE_PER_LANGUAGE, ids=lambda customer: customer.language)
def test_an_absence_notice_is_an_automatic_reply_whose_date_is_read(customer: Customer) -> None:
    friday = back_on(WEDNESDAY)
    raw = automatic_reply(customer, follow_up(customer), away_until(customer, friday), WEDNESDAY).as_bytes()

    seen = read_mail(raw, WEDNESDAY.date())

    assert (seen.kind, seen.automatic_kind, seen.resume_on) == ("automatic", "away", date(2026, 11, 27))


def test_an_answer_goes_to_the_signed_address_and_names_the_mail_that_it_answers() -> None:
    oliver = next(each for each in the_cast().customers if each.name == "Oliver Grant")

    mail = reply(oliver, follow_up(oliver), "Thanks", WEDNESDAY)

    assert mail["To"] == "support+m1-abcdefghijkl@contoso.example"
    assert (mail["In-Reply-To"], mail["References"]) == (
        "<f1@contoso.example>",
        "<a1@customer.example> <f1@contoso.example>",
    )
    assert "> Just reply to this email" in mail.get_content()


def test_a_question_survives_being_sent_and_read_in_every_script() -> None:
    for customer in the_cast().all_customers:
        seen = read(question(customer, WEDNESDAY).as_bytes())

        assert (seen.subject, seen.sender, seen.text.split()) == (customer.title, customer.name, customer.asks.split())


def test_nothing_that_sofia_writes_promises_anything_of_ours() -> None:
    for customer in the_cast().all_customers:
        assert BuiltinMailJudge().promises_something(customer.answer) is None, customer.title


def test_every_customer_acts_once_under_each_level_with_a_title_and_an_address_of_their_own() -> None:
    customers = the_cast().customers

    assert len({(each.level, each.acts) for each in customers}) == len(customers) == 2 * len(Acts)
    assert len({each.title for each in the_cast().all_customers}) == 11
    assert len({each.address for each in the_cast().all_customers}) == 11
    assert all("Contoso Coffee" in each.title for each in customers)


def test_the_story_begins_on_a_monday_at_nine_in_the_office_eleven_days_after_the_customers_wrote() -> None:
    for hours in range(0, 24 * 400, 5):
        now = datetime(2026, 3, 1, 22, 30, tzinfo=UTC) + timedelta(hours=hours)

        monday = story_monday(now)

        local = monday.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.weekday(), local.hour, local.minute) == (0, 9, 0)
        assert now <= monday - ASKED_BEFORE < now + timedelta(days=8, hours=2)

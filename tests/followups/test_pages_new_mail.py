"""A mail by hand: to whom it goes, what it sets, and that nothing typed is ever lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.cases.models import Case, StatusReason
from caseloop.mail.models import Mailbox, Message
from tests import cast, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    factories.mailbox()
    return factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)


TYPED = {"to": "anna@cafe.example", "subject": "Your grinder", "body": "Dear Anna,\r\n\r\ndoes it run?"}


def test_a_reply_goes_to_those_of_the_mail_it_follows(as_sofia: Client, case: Case, at_monday: datetime) -> None:
    cast.mail_in(case, at_monday - HOUR, "It jams", cc_addresses=["boss@cafe.example", "support@contoso.example"])
    page = as_sofia.get(f"/cases/{case.number}/emails/new").text
    assert 'value="anna@cafe.example"' in page
    assert 'value="boss@cafe.example"' in page  # and not our own address
    assert "It jams" in page


def test_it_is_signed_by_the_person_and_waits_ten_seconds(
    as_sofia: Client, case: Case, sofia: User, at_monday: datetime
) -> None:
    waiting = StatusReason.objects.get(key="waiting_for_details")
    said = TYPED | {"sets_status_reason": waiting.pk, "restarts_count": "on"}
    page = as_sofia.post(f"/cases/{case.number}/emails/new", said, follow=True).text
    mail = Message.objects.get()
    assert (mail.state, mail.origin, mail.author) == ("approved", "person", sofia)
    assert mail.not_before == at_monday + timedelta(seconds=10)
    assert mail.subject == f"Your grinder [{case.number}]"
    assert "does it run?" in mail.text
    assert "Sofia Marchetti-Brandenburger" in mail.text
    assert (mail.sets_status_reason, mail.restarts_count) == (waiting, True)
    assert "On its way" in page
    assert f'action="/mails/{mail.pk}/withdrawal"' in page


def test_a_promise_of_ours_is_noticed(as_sofia: Client, case: Case) -> None:
    as_sofia.post(f"/cases/{case.number}/emails/new", TYPED | {"body": "I'll get back to you tomorrow."})
    assert "get back to you" in Message.objects.get().promises


def test_undo_brings_the_words_back_into_the_editor(as_sofia: Client, case: Case) -> None:
    as_sofia.post(f"/cases/{case.number}/emails/new", TYPED)
    mail = Message.objects.get()
    page = as_sofia.post(f"/mails/{mail.pk}/withdrawal", follow=True).text
    assert Message.objects.get().state == "discarded"
    assert "does it run?" in page
    assert "Taken back. Nothing was sent." in page


def test_what_is_on_its_way_already_cannot_be_taken_back(as_sofia: Client, case: Case) -> None:
    as_sofia.post(f"/cases/{case.number}/emails/new", TYPED)
    Message.objects.update(state="sending")
    page = as_sofia.post(f"/mails/{Message.objects.get().pk}/withdrawal", follow=True).text
    assert "too late" in page


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"to": ""}, "This field is required."),
        ({"to": "anna"}, "“anna” is not a mail address."),
        ({"body": ""}, "This field is required."),
    ],
)
def test_a_mail_that_cannot_go_is_refused_and_kept(
    as_sofia: Client, case: Case, changed: dict[str, str], said: str
) -> None:
    answer = as_sofia.post(f"/cases/{case.number}/emails/new", TYPED | changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Your grinder" in answer.text
    assert not Message.objects.exists()


def test_without_a_mailbox_the_editor_says_so_before_anything_is_typed(as_sofia: Client, case: Case) -> None:
    Mailbox.objects.all().delete()
    assert "There is no mailbox to send from." in as_sofia.get(f"/cases/{case.number}/emails/new").text
    refused = as_sofia.post(f"/cases/{case.number}/emails/new", TYPED)
    assert refused.status_code == 422
    assert "does it run?" in refused.text


def test_whoever_sends_has_read_the_conversation_shown_and_not_what_came_in_meanwhile(
    as_sofia: Client, case: Case, at_monday: datetime
) -> None:
    shown = cast.mail_in(case, at_monday - timedelta(hours=2), "It still jams.")
    page = as_sofia.get(f"/cases/{case.number}/emails/new").text
    assert f'name="shown" value="{shown.pk}"' in page
    meanwhile = cast.mail_in(case, at_monday - timedelta(minutes=1), "And it smells.")

    as_sofia.post(f"/cases/{case.number}/emails/new", TYPED | {"shown": str(shown.pk)})
    shown.refresh_from_db()
    meanwhile.refresh_from_db()
    assert shown.opened_at == at_monday
    assert meanwhile.opened_at is None

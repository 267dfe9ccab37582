"""The page of one mail: what a stranger's HTML may not do, who has opened it, and why it was sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.cases.models import Case
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import InboundMail, Message
from caseloop.mail.sanitizing import sanitized
from tests import cast, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    return factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)


@pytest.fixture
def answer(case: Case, at_monday: datetime) -> Message:
    html = "<p>It <b>jams</b></p><script>steal()</script><img src='https://spy.example/pixel.png'>"
    return cast.mail_in(case, at_monday - HOUR, "It jams", "negative", html=html)


@pytest.mark.parametrize(
    "html, gone",
    [
        ("<script>alert(1)</script>", "alert"),
        ("<p onclick='alert(1)'>x</p>", "onclick"),
        ("<a href='javascript:alert(1)'>x</a>", "javascript"),
        ("<a href='data:text/html,<script>alert(1)</script>'>x</a>", "data:"),
        ("<form action='https://evil.example'><input name=p></form>", "form"),
        ("<iframe src='https://evil.example'></iframe>", "iframe"),
        ("<img src='https://spy.example/a.png'>", "spy.example"),
        ("<p style='background:url(https://spy.example/a.png)'>x</p>", "spy.example"),
        ("<p style='position:fixed;top:0'>x</p>", "position"),
        ("<base href='https://evil.example/'>", "base"),
        ("<meta http-equiv=refresh content='0;url=https://evil.example'>", "evil"),
        ("<style>body{display:none}</style>", "display"),
        ("<svg onload=alert(1)>", "svg"),
        ("<object data='https://evil.example'></object>", "object"),
    ],
)
def test_nothing_that_acts_or_calls_home_is_left_in_a_mail(html: str, gone: str) -> None:
    assert gone not in sanitized(html, with_images=False)


def test_what_formats_words_stays(db: None) -> None:
    html = "<table><tr><td style='color:red;padding:4px'>It <b>jams</b> <a href='https://a.example'>here</a></td></tr></table>"
    clean = sanitized(html, with_images=False)
    assert "<b>jams</b>" in clean
    assert "color:red" in clean.replace(" ", "")
    assert 'href="https://a.example"' in clean
    assert "noopener" in clean


def test_the_body_has_an_address_and_a_strict_policy_of_its_own(as_sofia: Client, answer: Message) -> None:
    page = as_sofia.get(f"/mails/{answer.pk}").text
    assert f'src="/mails/{answer.pk}/body"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "steal()" not in page

    body = as_sofia.get(f"/mails/{answer.pk}/body")
    policy = body.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups" in policy
    assert "img-src data:;" in policy
    assert "<b>jams</b>" in body.text
    assert "spy.example" not in body.text


def test_remote_images_come_only_when_asked_for(as_sofia: Client, answer: Message) -> None:
    assert "Load remote images" in as_sofia.get(f"/mails/{answer.pk}").text
    body = as_sofia.get(f"/mails/{answer.pk}/body?images=1")
    assert "https://spy.example/pixel.png" in body.text
    assert "img-src data: https:" in body.headers["Content-Security-Policy"]


def test_a_mail_is_unread_until_somebody_who_works_on_cases_opened_it(
    as_sofia: Client, as_auditor: Client, answer: Message, at_monday: datetime
) -> None:
    as_sofia.get(f"/cases/{answer.case.number}" if answer.case else "")
    as_auditor.get(f"/mails/{answer.pk}")
    answer.refresh_from_db()
    assert answer.opened_at is None
    as_sofia.get(f"/mails/{answer.pk}")
    answer.refresh_from_db()
    assert answer.opened_at == at_monday


def test_a_mail_of_a_hidden_queue_is_not_there(client: Client, answer: Message, at_monday: datetime) -> None:
    Case.objects.update(queue=factories.queue("Legal", is_open_to_all=False))
    client.force_login(factories.user("jonas"))
    for address in (f"/mails/{answer.pk}", f"/mails/{answer.pk}/body", f"/mails/{answer.pk}/original"):
        assert client.get(address).status_code == 404


def test_the_original_is_handed_out_to_be_saved_never_shown(
    as_sofia: Client, answer: Message, at_monday: datetime
) -> None:
    InboundMail.objects.create(
        mailbox=answer.mailbox,
        folder="INBOX",
        uidvalidity=1,
        uid=1,
        raw=b"Subject: x\r\n\r\n<script>",
        digest="d",
        fetched_at=at_monday,
        message=answer,
    )
    got = as_sofia.get(f"/mails/{answer.pk}/original")
    assert got.content == b"Subject: x\r\n\r\n<script>"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Type"] == "application/octet-stream"


def test_an_automatic_mail_says_that_no_person_checked_it_and_asks_what_one_thinks(
    as_sofia: Client, case: Case, at_monday: datetime
) -> None:
    agent = User.objects.application_user()
    mail = cast.mail_out(case, at_monday - HOUR, "Does it run?", author=agent, origin="automatic")
    action = cast.suggested_follow_up(case, at_monday - HOUR, cast.series(case, at_monday - cast.DAY))
    SuggestedAction.objects.filter(pk=action.pk).update(
        message=mail,
        state="done",
        done_at=at_monday,
        evidence={"read_through": {"support@contoso.example": "2026-11-23T09:13:00+00:00"}},
    )
    page = as_sofia.get(f"/mails/{mail.pk}").text
    assert "Written and sent by the assistant." in page
    assert "No person checked this email" in page
    assert "Was this email right?" in page
    assert "support@contoso.example and its junk folder were read up to" in page
    assert ">Mon 23 Nov 10:13</time>" in page
    assert "accepted by the mail server" in page


def test_a_bounce_is_shown_with_what_happened(as_sofia: Client, case: Case, at_monday: datetime) -> None:
    mail = cast.mail_out(case, at_monday - HOUR, bounce="permanent", bounced_at=at_monday)
    page = as_sofia.get(f"/mails/{mail.pk}").text
    assert "bounced: the address does not exist" in page
    assert "Bounced" in as_sofia.get(f"/cases/{case.number}").text


def test_whom_the_mail_server_left_out_is_named_with_its_words(
    as_sofia: Client, case: Case, at_monday: datetime
) -> None:
    refused = {"carol@cafe.example": "452 4.2.2 Mailbox full"}
    mail = cast.mail_out(case, at_monday - HOUR, refused_recipients=refused)
    page = as_sofia.get(f"/mails/{mail.pk}").text
    assert "not taken for carol@cafe.example: 452 4.2.2 Mailbox full" in page

"""The customer's mailbox of the demo: mails appear by themselves, and one answers as the customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from caseloop.accounts.models import User
from caseloop.demo.cast import the_cast
from caseloop.demo.mail_system import MailSystem
from caseloop.demo.models import DemoState, Phase
from tests import factories
from tests.browser.conftest import sign_in

PRIYA = the_cast().yours
SUPPORT = "support@contoso.example"


@pytest.fixture
def mail(live_server: LiveServer, settings: Any, at_monday: datetime) -> Iterator[MailSystem]:
    """The mail system of a demo whose story has been played, with one mail in Priya's mailbox."""
    settings.IS_DEMO = True
    accounts = {each.address: "secret" for each in the_cast().all_customers}
    with MailSystem(accounts, clock=lambda: at_monday, keeps_sent_copies=True) as running:
        DemoState.objects.create(
            phase=Phase.BY_HAND,
            is_paused=True,
            smtp_port=running.smtp_port,
            imap_port=running.imap_port,
            customers_password="secret",
        )
        deliver(running, "Did the return label work for you?", at_monday - timedelta(days=2))
        yield running


def deliver(mail: MailSystem, words: str, at: datetime, **headers: str) -> None:
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"] = f"Contoso Coffee Care <{SUPPORT}>"
    letter["To"] = PRIYA.address
    letter["Subject"] = f"Re: {PRIYA.title}"
    letter["Message-ID"] = f"<{at:%H%M%S%f}@contoso.example>"
    letter["Date"] = at
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(f"Hello Priya,\n\n{words}\n")
    letter.add_alternative(f"<p style='color:#123456'>Hello Priya,</p><p><b>{words}</b></p>", subtype="html")
    mail.deliver(letter.as_bytes(), PRIYA.address)


def test_a_mail_appears_by_itself_and_is_shown_in_a_frame_of_its_own(
    mail: MailSystem, signed_in: Page, at_monday: datetime
) -> None:
    page = signed_in
    page.goto("/demo/mailbox")
    inbox = page.get_by_role("navigation", name=f"Mails of {PRIYA.name}")
    expect(inbox.get_by_role("link")).to_have_count(1)

    deliver(mail, "Without an answer we close it on Monday.", at_monday)

    expect(inbox.get_by_role("link")).to_have_count(2, timeout=5000)
    newest = inbox.get_by_role("link").first
    expect(newest).to_contain_text("unread")
    newest.click()
    frame = page.frame_locator("iframe.mail-frame")
    expect(frame.get_by_text("Without an answer we close it on Monday.")).to_be_visible()
    expect(frame.get_by_text("Hello Priya,")).to_have_css("color", "rgb(18, 52, 86)")
    assert page.locator("iframe.mail-frame").get_attribute("sandbox") == "allow-popups"
    expect(inbox.get_by_role("link").first).not_to_contain_text("unread")


def test_plain_text_and_headers_of_a_mail_can_be_looked_at(mail: MailSystem, signed_in: Page) -> None:
    page = signed_in
    page.goto("/demo/mailbox")

    page.get_by_role("link", name="Plain text").click()
    expect(page.locator(".mail-body")).to_contain_text("Did the return label work for you?")

    page.get_by_role("link", name="Headers").click()
    expect(page.locator(".mail-body")).to_contain_text(f"From: Contoso Coffee Care <{SUPPORT}>")


def test_a_mood_fills_in_its_words_and_the_answer_goes_out_by_smtp(mail: MailSystem, signed_in: Page) -> None:
    page = signed_in
    page.goto("/demo/mailbox")

    page.get_by_text("Angry").click()
    expect(page.locator("#text")).to_have_value(
        "No, it still does not work, and nobody has called us. This is unacceptable."
    )
    page.locator("#text").fill("No, the parcel came back twice.")
    page.get_by_role("button", name="Send as Priya").click()

    expect(page.get_by_text("Sent as Priya.")).to_be_visible()
    [taken] = mail.accepted
    answer = message_from_bytes(taken.raw, policy=policy.default)
    assert (taken.envelope_from, taken.recipients) == (PRIYA.address, (SUPPORT,))
    assert answer["In-Reply-To"] == message_from_bytes(mail.messages(PRIYA.address)[0])["Message-ID"]
    assert answer.get_content().startswith("No, the parcel came back twice.")
    assert "> Did the return label work for you?" in answer.get_content()
    assert answer["Auto-Submitted"] is None


def test_on_holiday_is_what_a_mail_server_answers(mail: MailSystem, signed_in: Page) -> None:
    page = signed_in
    page.goto("/demo/mailbox")

    page.get_by_text("On holiday").click()
    expect(page.locator("#text")).to_have_value(
        "Thank you for your email. I am out of the office and will be back on Friday, November 27, 2026."
        "\n\nYour email is not forwarded."
    )
    page.get_by_role("button", name="Send as Priya").click()

    expect(page.get_by_text("mail server answered for Priya")).to_be_visible()
    [taken] = mail.accepted
    assert taken.envelope_from == ""
    assert message_from_bytes(taken.raw)["Auto-Submitted"] == "auto-replied"


def test_without_scripts_the_words_of_the_chosen_mood_are_sent(
    browser: Browser, live_server: LiveServer, sofia: User, mail: MailSystem
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "sofia")
    page.goto("/demo/mailbox")

    page.get_by_text("A question").click()
    page.get_by_role("button", name="Send as Priya").click()

    [taken] = mail.accepted
    said = message_from_bytes(taken.raw, policy=policy.default).get_content()
    assert said.startswith("Does that also work for the older model?")
    page.get_by_role("button", name="Next day").click()
    assert DemoState.current().target_at is not None
    context.close()


def test_next_day_pause_and_go_on_are_wishes_that_the_clock_obeys(
    mail: MailSystem, signed_in: Page, at_monday: datetime
) -> None:
    page = signed_in
    page.goto("/demo/mailbox")

    page.get_by_role("button", name="Let time run").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert DemoState.current().is_paused is False

    page.get_by_role("button", name="Next day").click()
    expect(page.get_by_text("Time passes …")).to_be_visible()
    assert DemoState.current().target_at == at_monday + timedelta(days=1)

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Let time run")).to_be_visible()
    assert (DemoState.current().is_paused, DemoState.current().target_at) == (True, None)


def test_an_auditor_looks_and_changes_nothing(mail: MailSystem, page: Page) -> None:
    factories.user("ava", "auditor")
    sign_in(page, "ava")
    page.goto("/demo/mailbox")

    expect(page.get_by_role("heading", name="The customer’s mailbox")).to_be_visible()
    expect(page.get_by_role("button", name="Send as Priya")).to_have_count(0)
    expect(page.get_by_role("button", name="Next day")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways_on_a_phone(
    browser: Browser, live_server: LiveServer, sofia: User, mail: MailSystem, scheme: str
) -> None:
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}
    context = browser.new_context(base_url=live_server.url, color_scheme=scheme, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, "sofia")
    page.goto("/demo/mailbox")

    found = Axe().run(page, options=rules).response["violations"]
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1366, "height": 900})
    found += Axe().run(page, options=rules).response["violations"]

    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert width <= 390
    context.close()


def test_outside_the_demo_nobody_writes_as_a_customer(mail: MailSystem, signed_in: Page, settings: Any) -> None:
    settings.IS_DEMO = False

    for address in ("/demo/mailbox", f"/demo/mailbox/{PRIYA.address}"):
        answered = signed_in.goto(address)
        assert answered is not None
        assert answered.status == 404


def test_when_the_mail_system_is_gone_the_page_says_so(mail: MailSystem, signed_in: Page) -> None:
    mail.stop_imap()

    answered = signed_in.request.get("/demo/mailbox")

    assert answered.status == 503
    assert "The mail system of the demo does not answer." in answered.text()

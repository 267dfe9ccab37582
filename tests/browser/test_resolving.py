"""A case is resolved in a dialog over it, or on a page of its own where scripts don't run."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from caseloop.accounts.models import User
from caseloop.cases.models import Case
from tests.browser.conftest import sign_in
from tests.browser.stories import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_dialog_names_what_is_missing_then_resolves_and_offers_undo(
    signed_in: Page, sofia: User, at_monday: datetime
) -> None:
    page, story = signed_in, desk(sofia, at_monday)
    page.goto(f"/cases/{story.due.number}")
    page.get_by_role("link", name="Resolve case").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 open activity will be cancelled")
    dialog.get_by_label("Resolution type").select_option("No Response")
    dialog.get_by_label("Resolution", exact=True).fill("No answer to three mails")
    dialog.get_by_label("Billable time (minutes)").fill("5")
    dialog.get_by_role("button", name="Resolve case").click()
    expect(dialog).to_contain_text("Not more than the total time.")
    expect(dialog.get_by_label("Resolution", exact=True)).to_have_value("No answer to three mails")

    dialog.get_by_label("Total time (minutes)").fill("10")
    dialog.get_by_role("button", name="Resolve case").click()
    expect(page.get_by_text("Case resolved, 1 open activity cancelled.")).to_be_visible()
    assert Case.objects.get(pk=story.due.pk).status == "resolved"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The case is active again.")).to_be_visible()


def test_escape_closes_the_dialog_and_focus_returns_to_its_button(
    signed_in: Page, sofia: User, at_monday: datetime
) -> None:
    page, story = signed_in, desk(sofia, at_monday)
    page.goto(f"/cases/{story.due.number}")
    opener = page.get_by_role("link", name="Resolve case").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_everything_works_without_scripts(
    browser: Browser, live_server: LiveServer, sofia: User, at_monday: datetime
) -> None:
    story = desk(sofia, at_monday)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "sofia")
    page.get_by_label("Find in this view").fill("grinder")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Contoso Coffee: grinder stops after firmware 4.2").click()
    page.get_by_role("button", name="Skip this one").click()
    expect(page.get_by_text("Skipped. Its wait begins now")).to_be_visible()
    page.get_by_role("link", name="Resolve case").first.click()
    page.get_by_label("Resolution type").select_option("No Response")
    page.get_by_label("Resolution", exact=True).fill("No answer")
    page.get_by_role("button", name="Resolve case").click()
    expect(page.get_by_text("Resolved as No Response")).to_be_visible()
    assert Case.objects.get(pk=story.due.pk).status == "resolved"
    context.close()

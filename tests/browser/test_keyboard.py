"""Everything by keyboard: search, rows, ticks, going places; single letters never act inside text."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from caseloop.accounts.models import User
from tests.browser.stories import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_slash_searches_and_j_k_x_enter_walk_the_rows(signed_in: Page, sofia: User, at_monday: datetime) -> None:
    page = signed_in
    desk(sofia, at_monday)
    page.goto("/cases")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search all cases")).to_be_focused()
    page.keyboard.type("jjx")
    expect(page.get_by_role("searchbox", name="Search all cases")).to_have_value("jjx")
    page.keyboard.press("Escape")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody a.title").nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("status").filter(has_text="1 selected")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/CAS-*")


def test_g_and_a_letter_go_places_and_letters_can_be_switched_off(
    signed_in: Page, sofia: User, at_monday: datetime
) -> None:
    page = signed_in
    desk(sofia, at_monday)
    page.goto("/cases")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/mail-in-doubt")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_role("button", name="Switch single keys off").click()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_timeout(200)
    assert page.url.endswith("/mail-in-doubt")


def test_r_replies_and_control_enter_sends(signed_in: Page, sofia: User, at_monday: datetime) -> None:
    page, story = signed_in, desk(sofia, at_monday)
    page.goto(f"/cases/{story.angry.number}")
    page.keyboard.press("r")
    page.wait_for_url("**/emails/new")
    page.get_by_label("Text", exact=True).fill("Dear Max, somebody comes tomorrow.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The mail is on its way.")).to_be_visible()

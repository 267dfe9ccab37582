"""Each page: axe finds nothing in light and dark, and nothing scrolls sideways on a phone (spec 9.6)."""

from __future__ import annotations

from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from caseloop.accounts.models import User
from tests import cast, factories
from tests.browser.conftest import sign_in
from tests.browser.stories import Desk, desk

pytestmark = pytest.mark.django_db(transaction=True)
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


def addresses(story: Desk) -> list[str]:
    return [
        "/cases",
        "/cases?view=resolved",
        "/cases?view=all&q=zeppelin",
        "/cases/new",
        f"/cases/{story.due.number}",
        f"/cases/{story.angry.number}",
        f"/cases/{story.doubtful.number}",
        f"/cases/{story.due.number}/fields",
        f"/cases/{story.due.number}/resolution",
        f"/cases/{story.due.number}/activities/phone_call",
        f"/cases/{story.angry.number}/emails/new",
        f"/suggested-actions/{story.follow_up.pk}/email",
        f"/mails/{story.answer.pk}",
        f"/contacts/{story.due.contact_id}",
        "/follow-ups",
        "/mail-in-doubt",
        "/rules",
        "/me",
        "/cases/CAS-00000-XX",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, live_server: LiveServer, sofia: User, at_monday: datetime, scheme: str
) -> None:
    story = desk(sofia, at_monday)
    factories.user("amara", "csr_manager", display_name="Amara Okafor")
    cast.rule("日本のお客様", state="inactive", activated_at=None)
    context = browser.new_context(
        base_url=live_server.url, color_scheme=scheme, viewport={"width": 1366, "height": 900}
    )
    page = context.new_page()
    page.goto("/sign-in")
    found = _violations(page)
    sign_in(page, "amara")
    for address in addresses(story):
        page.goto(address)
        found += _violations(page)
    page.goto(f"/cases/{story.due.number}")
    page.get_by_role("link", name="Resolve case").first.click()
    page.get_by_role("dialog").wait_for()
    found += _violations(page)
    context.close()
    assert found == []


def test_nothing_scrolls_sideways_on_a_phone(
    browser: Browser, live_server: LiveServer, sofia: User, at_monday: datetime
) -> None:
    story = desk(sofia, at_monday)
    factories.user("amara", "csr_manager")
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    sign_in(page, "amara")
    too_wide = []
    for address in addresses(story):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            too_wide.append(address)
    assert too_wide == []
    page.get_by_role("link", name="Back to the cases").click()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Follow-ups").click()
    page.wait_for_url("**/follow-ups")
    context.close()


def _violations(page: Page) -> list[str]:
    result = Axe().run(page, options=WCAG)
    assert result.response["passes"], "axe has looked at nothing"
    return [
        f"{page.url}: {each['id']}: {node['html'][:200]}"
        for each in result.response["violations"]
        for node in each["nodes"]
    ]

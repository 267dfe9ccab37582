"""A stranger's mail is shown and can do nothing: no script, no request, no form."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from caseloop.accounts.models import User
from tests.browser.stories import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_shows_its_words_and_nothing_leaves_this_machine(
    signed_in: Page, sofia: User, at_monday: datetime
) -> None:
    page, story = signed_in, desk(sofia, at_monday)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/mails/{story.answer.pk}")
    body = page.frame_locator("iframe")
    expect(body.get_by_text("Die Mühle bleibt stehen.")).to_be_visible()
    assert body.get_by_role("button").count() == 0
    assert "stolen" not in page.title()
    assert all("127.0.0.1" in address or "localhost" in address for address in asked)

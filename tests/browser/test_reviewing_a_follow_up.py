"""Sofia finds the follow-up that waits for her, reads it, changes a word, sends it, and takes it back."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from caseloop.accounts.models import User
from caseloop.mail.models import Message
from tests.browser.stories import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_follow_up_is_found_read_edited_sent_and_taken_back(
    signed_in: Page, sofia: User, at_monday: datetime
) -> None:
    page, story = signed_in, desk(sofia, at_monday)
    page.goto("/cases?view=needs-me")
    page.get_by_role("link", name="Contoso Coffee: grinder stops after firmware 4.2").click()
    expect(page.get_by_role("heading", name="Send next follow-up")).to_be_visible()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Review and send email").click()
    editor = opened.value
    editor.get_by_label("Text", exact=True).fill("Dear Anna,\n\ndoes the grinder run now?")
    editor.get_by_label("Send and set").select_option("Waiting for Details")
    send = editor.get_by_role("button", name="Send and set Waiting for Details")
    send.click()

    expect(editor.get_by_text("The mail is on its way.")).to_be_visible()
    sent = Message.objects.get(pk=story.follow_up.message_id)
    assert sent.state == "approved"
    assert "does the grinder run now?" in sent.text

    editor.get_by_role("button", name="Undo").click()
    expect(editor.get_by_text("Taken back. The mail is a draft again.")).to_be_visible()
    assert Message.objects.get(pk=sent.pk).state == "draft"


def test_a_follow_up_that_would_cross_an_answer_is_stopped_and_the_text_is_kept(
    signed_in: Page, sofia: User, at_monday: datetime
) -> None:
    from tests import cast

    page, story = signed_in, desk(sofia, at_monday)
    page.goto(f"/suggested-actions/{story.follow_up.pk}/email")
    page.get_by_label("Text", exact=True).fill("Ten minutes of typing")
    cast.mail_in(story.due, at_monday, "It runs again")
    page.get_by_role("button", name="Send").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The customer wrote after this draft was made")
    expect(page.get_by_label("Text", exact=True)).to_have_value("Ten minutes of typing")
    expect(page.get_by_role("button", name="Send").first).to_be_disabled()
    page.get_by_role("link", name="Reply to that mail instead").click()
    expect(page.get_by_role("heading", name="Reply")).to_be_visible()

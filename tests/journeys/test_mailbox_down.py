"""The mailbox cannot be read for two days: nothing is sent or closed, since silence cannot be proven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.stage import SUPPORT, on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_nothing_happens_while_silence_cannot_be_proven() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=47))
        stage.mail.stop_imap()
        stage.run_until(MONDAY_9 + timedelta(hours=95))
        assert stage.automatic_mails() == 0
        stage.mail.start_imap()
        stage.run_for(hours=2)
        assert stage.automatic_mails() == 1, "one follow-up, late, and then the full wait again"
        stage.run_for(hours=40)
        assert stage.automatic_mails() == 1


def test_an_answer_that_waited_on_the_server_is_seen_before_anything_goes_out() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=47))
        stage.mail.stop_imap()
        answer = stage.mail_from_customer("No, it still does not work.")
        stage.mail.deliver(bytes(answer), SUPPORT)
        stage.run_until(MONDAY_9 + timedelta(hours=60))
        stage.mail.start_imap()
        stage.run_for(days=10)
        assert stage.automatic_mails() == 0
        assert stage.fresh(case).status == "active"

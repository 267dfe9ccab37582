"""The way in is dead while IMAP answers: an empty inbox is no silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.stage import SUPPORT, on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_nothing_goes_out_when_no_mail_arrives_any_more() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=24))
        stage.mail.lose(SUPPORT)
        stage.run_until(MONDAY_9 + timedelta(days=6))
        assert stage.automatic_mails() <= 1
        assert stage.fresh(case).status == "active"

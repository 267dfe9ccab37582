"""The worker stands still for a week: one follow-up, then the full wait; nothing is resolved at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_after_a_week_of_standstill_there_is_one_follow_up_and_a_full_wait() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=1))
        stage.now = MONDAY_9 + timedelta(days=7)
        stage.settle()
        assert stage.automatic_mails() == 1
        stage.run_for(hours=47)
        assert stage.automatic_mails() == 1


def test_for_one_working_day_after_a_stop_nothing_is_resolved() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(datetime(2026, 11, 27, 12, 0, tzinfo=UTC))
        assert stage.automatic_mails() == 2
        stage.now = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
        stage.worker = type(stage.worker)(now=lambda: stage.now, reads_mailboxes=False)
        stage.settle()
        stage.run_until(datetime(2026, 12, 8, 20, 0, tzinfo=UTC))
        assert stage.fresh(case).status == "active"
        stage.run_until(datetime(2026, 12, 9, 9, 0, tzinfo=UTC))
        assert stage.fresh(case).status == "resolved"

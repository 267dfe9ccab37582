"""The customer is away: with a date the next step waits for it; without one nothing is closed for a week."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


AWAY = {"Auto-Submitted": "auto-replied"}


def test_with_a_date_the_next_follow_up_comes_on_the_working_day_after_it() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        assert stage.automatic_mails() == 1
        stage.customer_answers(
            "I am out of the office until December 4, 2026 and will answer when I am back.",
            subject="Automatic reply: your grinder",
            headers=AWAY,
        )
        stage.run_until(datetime(2026, 12, 4, 20, 0, tzinfo=UTC))
        assert stage.automatic_mails() == 1
        stage.run_until(datetime(2026, 12, 7, 9, 0, tzinfo=UTC))
        assert stage.automatic_mails() == 2
        stage.run_until(datetime(2026, 12, 20, 9, 0, tzinfo=UTC))
        assert stage.fresh(case).status == "resolved"
        assert stage.automatic_mails() == 2


def test_without_a_date_nothing_is_closed_within_seven_days() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("I am currently out of the office.", subject="Automatic reply", headers=AWAY)
        stage.run_until(datetime(2026, 12, 2, 9, 0, tzinfo=UTC))
        assert stage.fresh(case).status == "active"


def test_an_absence_after_the_last_follow_up_is_no_silence() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(datetime(2026, 11, 27, 12, 0, tzinfo=UTC))
        assert stage.automatic_mails() == 2
        stage.customer_answers("I am out of the office until December 4, 2026.", subject="Out of office", headers=AWAY)
        stage.run_for(days=30)
        assert stage.fresh(case).status == "active", "after an absence the next act is a mail, never a closing"
        assert stage.automatic_mails() == 2, "and the rule has no more mails"
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "needs_attention"

"""The customer asks for more time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_with_a_date_the_next_step_comes_on_the_working_day_after_it() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("I could not test it yet. I will check it on December 10 and get back to you.")
        assert stage.open_action(case) is None
        stage.run_until(datetime(2026, 12, 10, 20, 0, tzinfo=UTC))
        assert stage.automatic_mails() == 1
        stage.run_until(datetime(2026, 12, 11, 9, 0, tzinfo=UTC))
        assert stage.automatic_mails() == 2


def test_a_second_one_without_a_date_goes_to_a_person() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("Please give me some more time, I have not tested it yet.")
        assert stage.open_action(case) is None, "one is waited for"
        stage.run_for(hours=60)
        assert stage.automatic_mails() == 2
        stage.customer_answers("Sorry, I still need some more time to test it.")
        card = stage.open_action(case)
        assert card is not None
        assert card.reason == "too_many_deferrals"

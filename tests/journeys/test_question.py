"""The customer asks something: a person has to answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_a_question_ends_the_series_with_a_draft_for_a_person() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("Which of the two burrs should I replace first?")
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "reply_to_customer"
        stage.run_for(days=20)
        assert stage.automatic_mails() == 1
        assert stage.fresh(case).status == "active"


def test_after_our_reply_a_new_series_begins_and_counts_from_it() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("Which of the two burrs should I replace first?")
        stage.we_write(case, "The upper one. Does it work now?")
        assert stage.open_action(case) is None
        stage.run_for(hours=49)
        assert stage.automatic_mails() == 2, "one before the question, one after our reply"

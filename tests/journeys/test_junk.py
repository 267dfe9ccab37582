"""The answer lands in the junk folder: it is read there too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_an_answer_in_junk_stops_the_series() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("No, it still does not work at all.", folder="Junk")
        assert stage.open_action(case) is not None
        stage.run_for(days=20)
        assert stage.fresh(case).status == "active"
        assert stage.automatic_mails() == 1

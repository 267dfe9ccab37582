"""A wait ends on a Saturday: the follow-up goes out when the sending times open on Monday."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_what_falls_outside_the_sending_times_moves_to_their_next_opening() -> None:
    thursday = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    with on_stage(thursday) as stage:
        stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(datetime(2026, 11, 30, 7, 55, tzinfo=UTC))
        assert stage.automatic_mails() == 0, "the wait was over on Saturday 10:00"
        stage.run_until(datetime(2026, 11, 30, 8, 5, tzinfo=UTC))
        assert stage.automatic_mails() == 1


def test_the_window_is_the_customers_own() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full")
        case = stage.case()
        assert case.contact is not None
        case.contact.time_zone = "America/New_York"
        case.contact.save()
        stage.we_write(case)
        stage.run_until(datetime(2026, 11, 25, 12, 55, tzinfo=UTC))
        assert stage.automatic_mails() == 0, "it is 7:55 in New York"
        stage.run_until(datetime(2026, 11, 25, 13, 5, tzinfo=UTC))
        assert stage.automatic_mails() == 1

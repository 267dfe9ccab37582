"""The order of rules changes: the series passes to the other rule and keeps its count."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.followups.models import Enrolment
from caseloop.followups.rules import reorder
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_a_series_passes_to_the_rule_that_now_comes_first_and_keeps_its_count() -> None:
    with on_stage(MONDAY_9) as stage:
        first = stage.rule("full")
        second = stage.rule("confirm", name="Careful")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        assert stage.automatic_mails() == 1

        reorder([second.pk, first.pk], actor=stage.manager, now=stage.now)
        stage.run_for(hours=50)
        series = Enrolment.objects.get(case=case)
        assert (series.rule, series.state) == (second, "running")
        assert stage.automatic_mails() == 1
        card = stage.open_action(case)
        assert card is not None
        assert (card.state, card.step) == ("proposed", 3)

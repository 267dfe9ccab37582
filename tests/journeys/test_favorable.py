"""The customer says that it is solved: the follow-ups stop, and the case stands in *Customer says solved*."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.followups.models import Enrolment
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("level", ["full", "confirm"])
def test_a_thankful_answer_ends_the_series_and_leaves_the_status(level: str) -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule(level)
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("Thanks a lot, the grinder works perfectly now. You can close the case.")

        series = Enrolment.objects.get(case=case)
        assert (series.state, series.end_reason) == ("ended", "favorable")
        assert stage.open_action(case) is None, "the card goes"
        assert stage.fresh(case).status == "active"

        before = len(stage.mails_to())
        stage.run_for(days=30)
        assert len(stage.mails_to()) == before
        assert stage.fresh(case).status == "active"


def test_where_the_rule_says_so_the_agent_resolves_with_problem_solved() -> None:
    with on_stage(MONDAY_9) as stage:
        stage.rule("full", on_favorable="resolve")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(WEDNESDAY_10)
        stage.customer_answers("Thanks a lot, the grinder works perfectly now. You can close the case.")
        stage.run_for(hours=1)
        case = stage.fresh(case)
        assert (case.status, case.status_reason.name) == ("resolved", "Problem Solved")

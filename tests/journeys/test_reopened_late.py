"""A late answer on a resolved case: it reopens within the window, later it opens a linked case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from caseloop.cases.models import Case
from tests.journeys.stage import Stage, on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def resolved(stage: Stage) -> Case:
    stage.rule("full")
    case = stage.case()
    stage.we_write(case)
    stage.run_until(datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    assert stage.fresh(case).status == "resolved"
    return case


def test_within_the_window_a_human_answer_reopens_it_for_its_owner() -> None:
    with on_stage(MONDAY_9) as stage:
        case = resolved(stage)
        stage.run_for(days=3)
        stage.customer_answers("Sorry for the late answer: it is still broken.")
        case = stage.fresh(case)
        assert (case.status, case.status_reason.name, case.owner) == ("active", "In Progress", case.owner)
        card = stage.open_action(case)
        assert card is not None
        assert card.kind == "reply_to_customer"


def test_only_thanks_does_not_reopen_it() -> None:
    with on_stage(MONDAY_9) as stage:
        case = resolved(stage)
        stage.customer_answers("Thank you!")
        stage.run_for(days=1)
        assert stage.fresh(case).status == "resolved"


def test_an_automatic_reply_does_not_reopen_it() -> None:
    with on_stage(MONDAY_9) as stage:
        case = resolved(stage)
        stage.customer_answers("I am away.", subject="Automatic reply", headers={"Auto-Submitted": "auto-replied"})
        stage.run_for(days=1)
        assert stage.fresh(case).status == "resolved"


def test_after_the_window_it_opens_a_linked_case() -> None:
    with on_stage(MONDAY_9) as stage:
        case = resolved(stage)
        stage.run_for(days=20)
        stage.customer_answers("It is broken again, please help me.")
        assert stage.fresh(case).status == "resolved"
        assert Case.objects.get(follows=case).status == "active"

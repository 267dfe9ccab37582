"""The plan line asks the same question as the loop, and changes nothing (spec 6.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseloop.cases.changes import hold
from caseloop.followups.plan import plan_of
from caseloop.followups.rules import stop_all_sending
from tests import factories
from tests.followups.loop import TWO_DAYS, look, manager, silent_case, with_draft, with_follow_up

pytestmark = pytest.mark.django_db


def test_it_says_the_next_step_and_its_date(monday: datetime) -> None:
    case = silent_case("full", monday)
    plan = plan_of(case, monday)
    assert (plan.title, plan.at) == ("Next: follow-up 2 of 3", monday + timedelta(hours=48))
    assert [step.label for step in plan.steps] == ["Your email", "Follow-up 2", "Follow-up 3", "Resolve"]


def test_it_says_who_has_to_act(monday: datetime) -> None:
    case, _ = with_draft(monday)
    plan = plan_of(case, monday + TWO_DAYS)
    assert (plan.title, plan.needs_person) == ("Next: follow-up 2 of 3, by you", True)


def test_it_says_that_a_mail_is_on_its_way(monday: datetime) -> None:
    case, _ = with_follow_up(monday)
    assert plan_of(case, monday + TWO_DAYS).title == "A mail is being sent"


def test_it_says_why_nothing_happens(monday: datetime) -> None:
    case = silent_case("full", monday)
    stop_all_sending(True, actor=manager(), now=monday)
    plan = plan_of(case, monday)
    assert (plan.title, plan.tone) == ("All sending is stopped.", "warn")


def test_a_hold_is_a_date(monday: datetime) -> None:
    case = silent_case("full", monday)
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    hold(case.pk, friday, "trade fair", actor=factories.user(), now=monday)
    look(monday)
    assert plan_of(case, monday).at == friday


def test_it_only_reads_and_asks_few_queries(monday: datetime) -> None:
    case = silent_case("full", monday)
    with CaptureQueriesContext(connection) as queries:
        plan_of(case, monday)
    assert len(queries) <= 30
    assert all(query["sql"].lstrip().startswith(("SELECT", "WITH")) for query in queries)

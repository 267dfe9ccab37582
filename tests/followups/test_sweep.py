"""The safety sweep finds what nobody marked (design 1, P5)."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from caseloop.cases.models import Case, CaseReview
from caseloop.followups import rules
from caseloop.followups.models import Rule
from caseloop.followups.sweep import sweep
from tests import factories
from tests.followups.loop import a_rule, look, manager, silent_case, with_draft

pytestmark = pytest.mark.django_db


def test_a_running_series_in_nobodys_list_is_found(monday: datetime) -> None:
    case = silent_case("full", monday)
    assert sweep(monday).found == 0
    CaseReview.objects.filter(case=case).update(review_at=None)
    assert sweep(monday).found == 1
    look(monday)
    assert CaseReview.objects.get(case=case).review_at == monday + timedelta(hours=48)


def test_one_that_waits_for_a_person_is_not_looked_at_over_and_over(monday: datetime) -> None:
    with_draft(monday)
    assert sweep(monday + timedelta(days=3)).found == 0


def test_nothing_is_looked_at_while_all_is_stopped(monday: datetime) -> None:
    silent_case("full", monday)
    rules.stop_all_sending(True, actor=manager(), now=monday)
    look(monday)
    assert sweep(monday).found == 0


def test_while_no_rule_is_active_cases_that_one_took_before_are_looked_at(monday: datetime) -> None:
    silent_case("full", monday)
    assert sweep(monday).found == 0
    Rule.objects.update(state="inactive")
    assert sweep(monday).found == 1


def test_tables_that_statistics_call_empty_are_not_joined_row_by_row(monday: datetime) -> None:
    """6,000 cases where the planner expects none: 36 million pairs would take many seconds, a pass takes none."""
    a_rule("full", monday)
    with contextlib.suppress(_Undone), transaction.atomic():
        _many_cases(monday)
        raise _Undone
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case, cases_casereview")  # dead rows only: as many pages, and no row in them
        _many_cases(monday)
        cursor.execute("SET LOCAL statement_timeout = '1s'")
    assert sweep(monday).found == 0


class _Undone(Exception):
    """The rows are taken back, their pages stay."""


def _many_cases(at: datetime) -> None:
    """Copies of one case, each of them looked at and waiting for nothing."""
    case = factories.case("Kettle leaks", now=at)
    columns = [f.column for f in Case._meta.concrete_fields if not f.primary_key and f.column != "title_folded"]
    values = ["'C-' || n" if column == "number" else column for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {', '.join(values)} FROM cases_case,"
            f" generate_series(1, 6000) AS n WHERE id = {case.pk}"
        )
        cursor.execute(
            "INSERT INTO cases_casereview (case_id, attempts, waits_for_proof, last_error)"
            " SELECT id, 0, false, '' FROM cases_case ON CONFLICT (case_id) DO UPDATE SET review_at = NULL"
        )

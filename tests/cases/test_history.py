"""Each change of a case's business fields makes one event, however many cases a statement changes; mail makes none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import F

from caseloop.cases.mail_columns import OurLastMail, our_mails_went_out
from caseloop.cases.models import Case
from tests import factories

pytestmark = pytest.mark.django_db
HISTORY: type[models.Model] = apps.get_model("cases", "CaseHistoryEvent")


@pytest.fixture
def cases(monday: datetime) -> list[Case]:
    made = [factories.case(f"Contoso Coffee: grinder {number}", now=monday) for number in range(4)]
    HISTORY._default_manager.all().delete()
    return made


def events(*columns: str) -> list[Any]:
    return list(HISTORY._default_manager.order_by("pgh_obj").values_list("pgh_obj", "pgh_label", *columns))


def test_a_statement_over_many_cases_makes_an_event_for_each_that_it_changed(cases: list[Case]) -> None:
    Case.objects.filter(pk=cases[1].pk).update(priority="high")
    HISTORY._default_manager.all().delete()
    Case.objects.update(priority="high")
    assert events("priority") == [(case.pk, "update", "high") for case in (cases[0], *cases[2:])]


def test_an_event_holds_the_row_as_it_became(cases: list[Case]) -> None:
    Case.objects.update(title="New title", custom={"seats": 3}, hold_reason="", parent=None, version=F("version") + 1)
    assert events("title", "custom", "version") == [(case.pk, "update", "New title", {"seats": 3}, 2) for case in cases]


def test_a_value_that_was_missing_and_one_that_goes_missing_are_changes(cases: list[Case], monday: datetime) -> None:
    Case.objects.filter(pk=cases[0].pk).update(hold_until=monday)
    Case.objects.filter(pk=cases[0].pk).update(hold_until=None)
    assert [until for _, _, until in events("hold_until")] == [monday, None]


def test_new_cases_have_their_event(monday: datetime) -> None:
    case = factories.case(now=monday)
    assert events("number")[0] == (case.pk, "insert", case.number)


def test_mail_makes_no_event_and_touches_no_index(cases: list[Case], monday: datetime) -> None:
    def updated_in_place() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_get_xact_tuples_hot_updated('cases_case'::regclass)")
            return int((cursor.fetchone() or (0,))[0])

    before = updated_in_place()
    later = monday + timedelta(hours=1)
    our_mails_went_out([OurLastMail(case.pk, later, "Your grinder") for case in cases])
    assert updated_in_place() - before == len(cases)
    assert {case.last_outbound_at for case in Case.objects.all()} == {later}
    assert events() == []


def test_old_and_new_rows_are_never_compared_each_with_each(db: None) -> None:
    """PostgreSQL keeps the plan that it made for a session's first update, of one case perhaps, for all later ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE proname LIKE 'pgtrigger_update_update_%%' AND prosrc LIKE %s",
            ["%cases_casehistoryevent%"],
        )
        (source,) = cursor.fetchone() or ("",)
    assert source.count(" JOIN ") == source.count("old_values FULL JOIN new_values") == 1

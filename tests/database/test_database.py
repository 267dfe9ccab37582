"""Rows by COPY, columns compared with arrays, timestamps read fast: all three say what the ORM says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.forms.models import model_to_dict
from pytest_django import DjangoAssertNumQueries

from caseloop.cases.models import Case, ContactAddress
from caseloop.database.copying import insert
from caseloop.mail.models import Message
from tests import factories

pytestmark = pytest.mark.django_db


def a_mail(case: Case, number: int, at: datetime) -> Message:
    return Message(
        case=case,
        mailbox=factories.mailbox(),
        direction="out",
        state="approved",
        origin="automatic",
        message_id=f"<{number}@contoso.example>",
        references=["<a\\b@x>", '<"q,uote"@y>', "{}", "NULL", ""],
        to_addresses=["ö@café.example"],
        subject="Tab\tand \\N backslash",
        text="Zeile 1\r\nZeile 2\n\\.\nДень 日本語 🙂",
        html="",
        letter={"body": "“x”\n\t\\", "n": [1, None, 2.5], "purpose": "first"},
        closes_on=date(2026, 12, 1),
        occurred_at=at,
        approved_at=at,
        not_before=None,
    )


def test_copied_rows_hold_what_inserted_rows_hold(monday: datetime) -> None:
    case = factories.case(now=monday)
    copied, inserted = a_mail(case, 1, monday), a_mail(case, 2, monday)
    insert([copied])
    inserted.save()
    apart = {"id", "message_id"}
    one, other = (
        {name: value for name, value in model_to_dict(Message.objects.get(pk=mail.pk)).items() if name not in apart}
        for mail in (copied, inserted)
    )
    assert one == other
    copied.text = "changed"
    copied.save()
    assert Message.objects.get(message_id="<1@contoso.example>").text == "changed", "it is an object like any other"


def test_no_rows_are_no_work(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        insert([])


def test_a_row_that_the_table_refuses_refuses_all(monday: datetime) -> None:
    case = factories.case(now=monday)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([a_mail(case, 1, monday), a_mail(case, 1, monday)])
    assert not Message.objects.exists()


def test_any_of_finds_what_in_finds(monday: datetime) -> None:
    cases = [factories.case(f"Case {n}", now=monday) for n in range(3)]
    ids = {case.pk for case in cases[:2]} | {10**9}
    assert set(Case.objects.filter(pk__any_of=ids)) == set(Case.objects.filter(pk__in=ids))
    assert list(Case.objects.filter(pk__any_of=[])) == []
    contact = cases[0].contact_id
    assert Case.objects.filter(contact_id__any_of=[contact]).count() == 3
    assert ContactAddress.objects.filter(address__any_of=["anna@cafe.example", "x'); --", "{a,b}"]).count() == 1
    assert Case.objects.exclude(pk__any_of=ids).count() == 1


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 10, 14, 0, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=1),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_a_timestamp_comes_back_as_it_went(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, NULL::timestamptz", [moment])
        assert cursor.fetchone() == (moment, None)


def test_a_moment_that_python_has_no_date_for_is_an_error_and_not_another_date() -> None:
    for wrong in ("infinity", "0044-03-15 12:00:00+00 BC", "12026-11-23 10:14:00+00"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::timestamptz", [wrong])
            with pytest.raises(DataError, match="timestamp"):
                cursor.fetchone()

"""Rows by COPY, arrays, timestamps and objects made fast: all say what the ORM and psycopg say."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.forms.models import model_to_dict
from pytest_django import DjangoAssertNumQueries

from caseloop.cases.models import Activity, Case, ContactAddress
from caseloop.database.copying import insert
from caseloop.database.loading import QuickLoading, new
from caseloop.database.lookups import Many
from caseloop.followups.models import SuggestedAction
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
    assert set(Case.objects.filter(pk__any_of=Many(ids))) == set(Case.objects.filter(pk__in=ids))
    assert list(Case.objects.filter(pk__any_of=[])) == []
    contact = cases[0].contact_id
    assert Case.objects.filter(contact_id__any_of=[contact]).count() == 3
    assert Case.objects.filter(contact__any_of=Many([contact])).count() == 3
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


def test_a_loaded_object_is_what_django_makes_of_the_row(
    monday: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = factories.case("Ä", now=monday)
    loaded = Case.objects.select_related("contact").get(pk=case.pk)
    with django_assert_num_queries(0):
        as_django_does = models.Model.from_db.__func__(Case, "default", *_row_of(loaded))  # type: ignore[attr-defined]
        assert loaded.__dict__.keys() == as_django_does.__dict__.keys()
        assert model_to_dict(loaded) == model_to_dict(as_django_does)
        assert (loaded, loaded._state.adding, loaded._state.db) == (as_django_does, False, "default")
        assert loaded.contact is not None
        assert loaded.contact.pk == case.contact_id


def _row_of(case: Case) -> tuple[list[str], list[object]]:
    names = [field.attname for field in Case._meta.concrete_fields]
    return names, [getattr(case, name) for name in names]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Message, {"case_id": 7, "direction": "out", "references": ["<a@b>"], "closes_on": date(2026, 12, 1)}),
        (SuggestedAction, {"case_id": 7, "message_id": None, "kind": "send_follow_up", "why": ["silent"]}),
        (Activity, {"case_id": 7, "is_automatic": True, "subject": "The assistant wrote"}),
    ],
)
def test_a_new_object_is_what_django_makes_of_the_values(model: type[QuickLoading], values: dict[str, object]) -> None:
    for some in (values, {}):
        quick, slow = new(model, **some), model(**some)
        states = [vars(one).pop("_state") for one in (quick, slow)]
        assert vars(quick) == vars(slow)
        assert [(state.adding, state.db, state.fields_cache) for state in states] == [(True, None, {})] * 2


def test_new_objects_share_no_lists_and_no_relations() -> None:
    one, other = new(Message), new(Message)
    one.references.append("<a@b>")
    one.letter["purpose"] = "first"
    one.case = Case(pk=7)
    assert (one.case_id, other.references, other.letter, other.case_id, other.case) == (7, [], {}, None, None)


def test_a_new_object_is_saved_like_any_other(monday: datetime) -> None:
    case, mailbox = factories.case(now=monday), factories.mailbox()
    mail = new(Message, case_id=case.pk, mailbox_id=mailbox.pk, direction="in", kind="human", occurred_at=monday)
    mail.save()
    assert (mail.case, Message.objects.get(pk=mail.pk).kind, mail._state.adding) == (case, "human", False)


def test_a_new_object_takes_names_of_attributes_only() -> None:
    with pytest.raises(TypeError, match="Message has no case, subjekt"):
        new(Message, case=None, subjekt="Hello", subject="Hello")


def test_what_was_left_out_of_a_loaded_object_is_fetched_when_it_is_asked_for(
    monday: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = factories.case("Grinder", now=monday)
    loaded = Case.objects.only("status").get(pk=case.pk)
    assert loaded.get_deferred_fields() >= {"title", "contact_id"}
    with django_assert_num_queries(1):
        assert loaded.title == "Grinder"
    loaded.title = "Mill"
    loaded.save(update_fields=["title"])
    copied = pickle.loads(pickle.dumps(Case.objects.get(pk=case.pk)))
    assert (copied, copied.title) == (loaded, "Mill")


@pytest.mark.parametrize(
    "kind, values",
    [
        ("bigint[]", [1, -2, None, 2**63 - 1]),
        ("smallint[]", []),
        ("boolean[]", [True, None, False]),
        ("timestamptz[]", [datetime(2026, 3, 29, 1, 0, 0, 7, tzinfo=UTC), None]),
        ("timestamptz[]", [datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Asia/Kolkata"))]),
        ("text[]", ['"', "\\", "NULL", None, "", "{a,b}", "ä"]),
        ("date[]", [date(2026, 11, 23), None]),
        ("int[]", [[1, 2], [3, None]]),
        ("float[]", [1.5, None]),
    ],
)
def test_an_array_comes_back_as_it_went(kind: str, values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}", [values])
        assert cursor.fetchone() == (values,)


def test_an_array_of_small_numbers_is_none_of_truths() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_typeof(%s)::text, pg_typeof(%s)::text", [[1, 0], [True, False]])
        assert cursor.fetchone() == ("smallint[]", "boolean[]")
        with pytest.raises(DataError, match="mixed types"):
            cursor.execute("SELECT %s", [[1, True]])

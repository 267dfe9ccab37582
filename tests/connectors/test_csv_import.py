"""Cases from a CSV file: all of them or none, and nothing is mailed or closed by importing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from caseloop.cases.models import Case, Contact, CustomField
from caseloop.connectors.csv.importing import import_cases
from caseloop.connectors.csv.rows import ImportRefused
from caseloop.mail.models import Message
from tests import factories

pytestmark = pytest.mark.django_db

HEADER = "title,addresses,contact,language,status_reason,last_our_mail_at,last_customer_mail_at,follow_ups_sent\n"


def a_file(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_cases_come_with_contacts_and_the_dates_of_their_mails(tmp_path: Path, monday: datetime) -> None:
    factories.mailbox()
    path = a_file(
        tmp_path,
        HEADER
        + "Grinder jams,anna@cafe.example anna@home.example,Anna,de,On Hold,2026-11-16T09:00:00+01:00,2026-11-15T09:00:00+01:00,1\n"
        + "Kettle leaks,ben@tea.example,,,,,2026-11-20T09:00:00+00:00,\n",
    )
    assert str(import_cases(path, monday)) == "2 cases imported, 2 new contacts."
    grinder = Case.objects.get(title="Grinder jams")
    assert (grinder.status_reason.name, grinder.next_move) == ("On Hold", "customer")
    assert grinder.contact is not None
    assert [a.address for a in grinder.contact.addresses.order_by("pk")] == ["anna@cafe.example", "anna@home.example"]
    ours = Message.objects.filter(case=grinder, direction="out").order_by("occurred_at")
    assert [(m.origin, m.sent_at) for m in ours] == [
        ("person", datetime(2026, 11, 16, 7, 59, tzinfo=UTC)),
        ("automatic", datetime(2026, 11, 16, 8, 0, tzinfo=UTC)),
    ]
    assert Case.objects.get(title="Kettle leaks").next_move == "us"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("Grinder,nobody,,,,,,\n", "line 2: “nobody” is no mail address"),
        ("Grinder,a@b.example,,,Closed,,,\n", "line 2: “Closed” is no status reason of an active case"),
        ("Grinder,a@b.example,,,,yesterday,,\n", "line 2: last_our_mail_at is no time like"),
        ("Grinder,a@b.example,,,,2026-11-16T09:00:00,,\n", "line 2: last_our_mail_at needs its offset"),
        ("Grinder,a@b.example,,,,2027-01-01T09:00:00+00:00,,\n", "line 2: last_our_mail_at lies in the future"),
        ("Grinder,a@b.example,,,,,,7\n", "line 2: follow_ups_sent is 0 to 5"),
        ("Grinder,a@b.example\n", "line 2: it has not as many fields as the header"),
        ("Good,a@b.example,,,,,,\n,a@b.example,,,,,,\n", "line 3: the title must have 1 to 300 characters"),
    ],
)
def test_one_bad_line_refuses_the_whole_file_and_says_which(
    tmp_path: Path, monday: datetime, lines: str, said: str
) -> None:
    factories.mailbox()
    with pytest.raises(ImportRefused) as caught:
        import_cases(a_file(tmp_path, HEADER + lines), monday)
    assert said in str(caught.value)
    assert Case.objects.count() == Contact.objects.count() == 0


def test_an_unknown_column_and_a_wrong_encoding_are_said(tmp_path: Path, monday: datetime) -> None:
    with pytest.raises(ImportRefused, match="Unknown column “colour”"):
        import_cases(a_file(tmp_path, "title,addresses,colour\nA,a@b.example,red\n"), monday)
    path = tmp_path / "latin.csv"
    path.write_bytes("title,addresses\nMüller,a@b.example\n".encode("latin-1"))
    with pytest.raises(ImportRefused, match=r"is no UTF-8 text"):
        import_cases(path, monday)


def test_mails_need_a_mailbox(tmp_path: Path, monday: datetime) -> None:
    with pytest.raises(ImportRefused, match="connect one first"):
        import_cases(a_file(tmp_path, HEADER + "Grinder,a@b.example,,,,2026-11-16T09:00:00+01:00,,\n"), monday)


def test_custom_fields_take_their_types(tmp_path: Path, monday: datetime) -> None:
    CustomField.objects.create(key="seats", label="Seats", type="number")
    import_cases(a_file(tmp_path, "title,addresses,custom.seats\nA,a@b.example,12\n"), monday)
    assert Case.objects.get().custom == {"seats": 12}
    with pytest.raises(ImportRefused, match=r"line 2: custom\.seats is no number: “many”"):
        import_cases(a_file(tmp_path, "title,addresses,custom.seats\nB,a@b.example,many\n"), monday)


def test_three_thousand_cases_are_imported_in_seconds(tmp_path: Path, monday: datetime) -> None:
    factories.mailbox()
    lines = []
    for number in range(3000):
        at = (monday - timedelta(days=1 + number % 400)).isoformat()
        lines.append(f"Case {number},customer{number % 500}@shop.example,,,On Hold,{at},,\n")
    import_cases(a_file(tmp_path, HEADER + "".join(lines)), monday)
    assert Case.objects.count() == 3000
    assert Message.objects.filter(state="sent").count() == 3000
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname IN ('cases_case', 'cases_casereview')")
        assert [row[0] for row in cursor.fetchall()] == [3000, 3000], "what comes next is planned for 3,000 cases"

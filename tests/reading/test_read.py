"""Does the front door say what each mail is?"""

from datetime import date

import pytest

from caseloop.reading.read import read_mail
from tests.reading.mails import mail, multipart


def test_an_answer_is_a_reply_with_its_case_and_language() -> None:
    reading = read_mail(mail("Hello, the machine is still leaking and I am not happy with it."))

    assert (reading.kind, reading.case_number, reading.language) == ("reply", "CAS-01042-K7", "en")
    assert reading.resume_on is None


def test_an_absence_names_the_day_it_ends() -> None:
    raw = mail("I am on vacation and back on 16 March.", Subject="Automatic reply: Your case")

    reading = read_mail(raw, date(2026, 3, 3))

    assert (reading.kind, reading.automatic_kind, reading.resume_on) == ("automatic", "away", date(2026, 3, 16))


def test_an_absence_named_only_in_the_subject_names_its_day_too() -> None:
    raw = mail("", Subject="AUTO: Pat Lee is out of the office (returning 16/03/2026)")

    assert read_mail(raw, date(2026, 3, 3)).resume_on == date(2026, 3, 16)


def arf() -> bytes:
    content_type, body = multipart(
        "multipart/report; report-type=feedback-report",
        ("text/plain", "This is an abuse report."),
        ("message/feedback-report", "Feedback-Type: abuse\nUser-Agent: x/1"),
    )
    return mail(body, content_type=content_type, From="feedback@isp.example", Subject="abuse report")


def read_receipt() -> bytes:
    content_type, body = multipart(
        "multipart/report; report-type=disposition-notification",
        ("text/plain", "Your message was read."),
        ("message/disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed"),
    )
    return mail(body, content_type=content_type, Subject="Read: Your case")


def invitation() -> bytes:
    content_type, body = multipart(
        "multipart/alternative",
        ("text/plain", "Repair visit, 3 March"),
        ("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\nEND:VCALENDAR"),
    )
    return mail(body, content_type=content_type, Subject="Repair visit")


OTHER = [
    ("abuse_report", arf()),
    ("abuse_report", mail("Feedback-Type: abuse\n\nx", From="scomp@aol.example", Subject="Client TOS Notification")),
    ("read_receipt", read_receipt()),
    (
        "read_receipt",
        mail("Il messaggio è stato visualizzato in data 10/04/2026.\n\nQuesta è una conferma di lettura."),
    ),
    ("calendar", invitation()),
    ("provider", mail('{"notificationType":"Bounce","bounce":{}}')),
    ("unsubscribe", mail("", Subject="unsubscribe")),
    ("own", mail("Is it fixed?", From="Contoso <HELP@contoso.example>")),
    ("unreadable", b""),
]


@pytest.mark.parametrize("other_kind,raw", OTHER)
def test_what_is_neither_answer_nor_bounce_is_named(other_kind: str, raw: bytes) -> None:
    reading = read_mail(raw, date(2026, 3, 3), frozenset({"help@contoso.example"}))

    assert (reading.kind, reading.other_kind) == ("other", other_kind)


def test_an_answer_in_the_thread_of_an_invitation_is_an_answer() -> None:
    raw = invitation().replace(b"Subject: Repair visit", b"Subject: Re: Repair visit\nIn-Reply-To: <1@x>")

    assert read_mail(raw).kind == "reply"


def test_mail_of_a_list_is_marked() -> None:
    assert read_mail(mail("Works.", List_Id="<team.x.example>")).is_list_mail


def test_a_case_number_in_the_new_text_counts_before_one_in_the_quote() -> None:
    body = "It is about CAS\u201102000\u2011b3.\n\nOn 3 March 2026 at 10:00, Contoso wrote:\n> CAS-01042-K7\n"

    assert read_mail(mail(body, Subject="Re: leak")).case_number == "CAS-02000-B3"

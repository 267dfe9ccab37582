"""Is a mail that came back known, with whom it did not reach and for how long?"""

import pytest

from caseloop.reading.read import read_mail
from tests.reading.bounce_samples import COPY, DAEMON, PEOPLE_ON_BOUNCES, PROSE
from tests.reading.mails import mail, multipart


@pytest.mark.parametrize("name,headers,body,permanent", PROSE, ids=[sample[0] for sample in PROSE])
def test_the_prose_of_a_mail_server_is_understood(
    name: str, headers: dict[str, str], body: str, permanent: bool | None
) -> None:
    reading = read_mail(mail(body, **headers))

    assert reading.kind == "undeliverable", name
    assert reading.failed_recipients == ("pat@gone.example",)
    assert reading.permanent is permanent


@pytest.mark.parametrize("name,headers,body", PEOPLE_ON_BOUNCES, ids=[sample[0] for sample in PEOPLE_ON_BOUNCES])
def test_a_person_who_writes_about_bounces_is_still_a_person(name: str, headers: dict[str, str], body: str) -> None:
    assert read_mail(mail(body, **headers)).kind == "reply", name


def report(*recipients: str, returned: str = COPY) -> bytes:
    """A delivery report (RFC 3464) on `recipients`, each given as its block of fields."""
    status = "\n\n".join(("Reporting-MTA: dns; mx.contoso.example", *recipients))
    content_type, body = multipart(
        "multipart/report; report-type=delivery-status",
        ("text/plain", "I'm sorry to have to inform you that your message could not be delivered."),
        ("message/delivery-status", status),
        ("message/rfc822", returned),
    )
    return mail(body, content_type=content_type, From=DAEMON, Subject="Undelivered Mail Returned to Sender")


def recipient(address: str, action: str, status: str, said: str = "") -> str:
    return f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}"


@pytest.mark.parametrize(
    "action,status,said,permanent",
    [
        ("failed", "5.1.1", "", True),
        ("failed", "5.0.0", "550 No such user", True),
        ("failed", "5.4.4", "Host or domain name not found. Name service error for name=gone.example", True),
        ("failed", "5.7.1", "554 5.7.1 Service unavailable; client host blocked using zen.spamhaus.example", None),
        ("failed", "5.7.1", "550 5.7.1 Relaying denied", None),
        ("failed", "5.2.2", "552 5.2.2 Mailbox full", False),
        ("failed", "5.7.0", "550 Quota exceeded (mailbox for user is full)", False),
        ("failed", "5.0.0", "", None),
        ("failed", "4.4.7", "delivery time expired", False),
        ("delayed", "4.0.0", "", False),
        ("delayed", "5.1.1", "", False),
        ("failed", "5.1.1", "550 5.1.1 [192.4.2.1] user unknown", True),
    ],
)
def test_hard_and_soft_are_told_by_reason_before_the_code(
    action: str, status: str, said: str, permanent: bool | None
) -> None:
    reading = read_mail(report(recipient("pat@gone.example", action, status, said)))

    assert (reading.kind, reading.permanent) == ("undeliverable", permanent)


def test_a_refused_mail_says_so() -> None:
    reading = read_mail(report(recipient("pat@gone.example", "failed", "5.7.1", "550 5.7.1 rejected as spam")))

    assert reading.refused
    assert reading.permanent is None


def test_several_recipients_are_all_named_and_left_open_where_they_differ() -> None:
    reading = read_mail(
        report(
            recipient("pat@gone.example", "failed", "5.1.1", "550 user unknown"),
            recipient("jo@full.example", "failed", "5.2.2", "552 mailbox full"),
        )
    )

    assert reading.failed_recipients == ("pat@gone.example", "jo@full.example")
    assert reading.permanent is None
    assert not reading.refused


def test_a_forwarded_address_fails_under_the_name_we_wrote_to() -> None:
    fields = f"Original-Recipient: rfc822;pat@gone.example\n{recipient('p.lee@elsewhere.example', 'failed', '5.1.1')}"

    assert read_mail(report(fields)).failed_recipients == ("pat@gone.example",)


def test_the_returned_copy_names_our_mail_and_its_case() -> None:
    reading = read_mail(report(recipient("pat@gone.example", "failed", "5.1.1")))

    assert reading.returned_message_id == "<follow-up-7@contoso.example>"
    assert reading.case_number == "CAS-01042-K7"


def test_a_copy_in_the_text_names_our_mail_too() -> None:
    body = f"<pat@gone.example>:\nSorry, no mailbox here by that name.\n\n--- Below this line is a copy.\n\n{COPY}"

    reading = read_mail(mail(body, From="MAILER-DAEMON@gone.example", Subject="failure notice"))

    assert reading.returned_message_id == "<follow-up-7@contoso.example>"


def test_words_in_the_returned_mail_are_not_the_reason() -> None:
    copy = COPY.replace("Is the coffee machine working?", "Your mailbox is full of spam.")
    body = f"<pat@gone.example>:\nuser unknown\n\n--- Below this line is a copy of the message.\n\n{copy}"

    reading = read_mail(mail(body, From="MAILER-DAEMON@gone.example", Subject="failure notice"))

    assert reading.permanent is True


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_notice_of_success_is_no_failure(action: str) -> None:
    reading = read_mail(report(recipient("pat@gone.example", action, "2.0.0")))

    assert (reading.kind, reading.other_kind) == ("other", "delivered")


def test_a_report_inside_a_report_is_read() -> None:
    inner = report(recipient("pat@gone.example", "failed", "5.1.1")).decode()
    content_type, body = multipart(
        "multipart/mixed", ("message/rfc822", inner), ("text/plain", "-- footer"), boundary="o"
    )

    reading = read_mail(mail(body, content_type=content_type, From=DAEMON, Subject="Undeliverable: x"))

    assert (reading.kind, reading.failed_recipients) == ("undeliverable", ("pat@gone.example",))

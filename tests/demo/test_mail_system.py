"""Does the embedded mail system carry mail as real servers do, and fail as it is told?"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from threading import Timer

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from caseloop.demo.mail_system import Bounce, MailSystem, Step

SUPPORT = "support@contoso.example"
ANNA = "anna@fabrikam.example"
MAIL = (
    b"From: Contoso Support <support@contoso.example>\r\nTo: anna@fabrikam.example\r\n"
    b"Subject: Your grinder\r\nMessage-ID: <m1@contoso.example>\r\n\r\n.Does it grind?\r\n.\r\nYours\r\n"
)


@pytest.fixture
def mail_system() -> Iterator[MailSystem]:
    with MailSystem({SUPPORT: "tea", ANNA: "coffee"}) as running:
        yield running


def send(
    mail_system: MailSystem, *recipients: str, sender: str = SUPPORT, raw: bytes = MAIL, password: str = ""
) -> None:
    with smtplib.SMTP("127.0.0.1", mail_system.smtp_port, "test.example", timeout=10) as client:
        if password:
            client.login(sender, password)
        client.sendmail(sender, recipients or [ANNA], raw)


def sign_in(mail_system: MailSystem, address: str = SUPPORT, password: str = "tea") -> IMAPClient:
    client = IMAPClient("127.0.0.1", mail_system.imap_port, ssl=False, timeout=10)
    client.login(address, password)
    return client


def test_a_mail_handed_over_by_smtp_lies_byte_for_byte_in_the_recipients_mailbox(
    mail_system: MailSystem,
) -> None:
    send(mail_system)

    assert mail_system.messages(ANNA) == [MAIL]
    [accepted] = mail_system.accepted
    assert (accepted.envelope_from, accepted.recipients, accepted.raw) == (SUPPORT, (ANNA,), MAIL)
    assert datetime.now(UTC) - accepted.at < timedelta(seconds=30)


def test_a_mail_read_by_imap_has_the_bytes_that_were_delivered_and_stays_unseen(
    mail_system: MailSystem,
) -> None:
    uid = mail_system.deliver(MAIL, SUPPORT)
    client = sign_in(mail_system)
    client.select_folder("INBOX")

    assert client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] == MAIL
    assert client.get_flags([uid]) == {uid: ()}
    assert client.fetch([uid], ["BODY[]"])[uid][b"BODY[]"] == MAIL
    assert client.get_flags([uid]) == {uid: (b"\\Seen",)}


def test_a_sub_address_belongs_to_the_mailbox_it_is_made_of(mail_system: MailSystem) -> None:
    send(mail_system, "Support+k7f2.x@contoso.example", sender=ANNA)

    assert mail_system.messages(SUPPORT) == [MAIL]
    assert mail_system.accepted[0].recipients == ("Support+k7f2.x@contoso.example",)


def test_someone_without_an_account_has_a_mailbox_but_cannot_sign_in(mail_system: MailSystem) -> None:
    send(mail_system, "otto@elsewhere.example")

    assert mail_system.messages("otto@elsewhere.example") == [MAIL]
    with pytest.raises(LoginError):
        sign_in(mail_system, "otto@elsewhere.example", "")
    with pytest.raises(LoginError):
        sign_in(mail_system, SUPPORT, "coffee")


def test_folders_say_what_they_are_for_and_can_be_made(mail_system: MailSystem) -> None:
    mail_system.deliver(MAIL, SUPPORT, "Kündigungen")
    client = sign_in(mail_system)

    folders = {name: flags for flags, _, name in client.list_folders()}

    assert folders["Junk"] == (b"\\Junk",)
    assert folders["Kündigungen"] == ()
    assert client.folder_status("Kündigungen", ["MESSAGES", "UIDNEXT"]) == {b"MESSAGES": 1, b"UIDNEXT": 2}


def test_a_client_that_idles_hears_of_a_new_mail_at_once(mail_system: MailSystem) -> None:
    client = sign_in(mail_system)
    client.select_folder("INBOX", readonly=True)
    client.idle()
    Timer(0.1, mail_system.deliver, (MAIL, SUPPORT)).start()

    began = time.monotonic()
    news = client.idle_check(timeout=5)

    assert news == [(1, b"EXISTS")]
    assert time.monotonic() - began < 2
    client.idle_done()


def test_a_client_that_idles_on_a_line_that_hangs_hears_nothing_and_a_new_line_is_fine(mail_system: MailSystem) -> None:
    client = sign_in(mail_system)
    client.select_folder("INBOX", readonly=True)
    mail_system.imap_faults.hangs_in_idle = True
    client.idle()
    mail_system.deliver(MAIL, SUPPORT)

    assert client.idle_check(timeout=0.2) == []
    client.socket().settimeout(0.2)
    with pytest.raises(OSError, match="timed out"):
        client.idle_done()
    client.shutdown()
    assert sign_in(mail_system).select_folder("INBOX")[b"EXISTS"] == 1


def test_a_mail_can_be_appended_flagged_found_and_expunged(mail_system: MailSystem) -> None:
    client = sign_in(mail_system)
    client.append("Sent", MAIL, flags=[b"\\Seen"])
    client.select_folder("Sent")

    assert client.search(["HEADER", "Message-ID", "<m1@contoso.example>"]) == [1]
    assert client.search(["HEADER", "Message-ID", "<m2@contoso.example>"]) == []
    assert client.search("UNSEEN") == []
    client.delete_messages([1])
    client.expunge()
    assert client.search("ALL") == []
    assert mail_system.messages(SUPPORT, "Sent") == []


def test_another_client_learns_that_a_mail_is_gone(mail_system: MailSystem) -> None:
    for _ in range(3):
        mail_system.deliver(MAIL, SUPPORT)
    onlooker, owner = sign_in(mail_system), sign_in(mail_system)
    onlooker.select_folder("INBOX", readonly=True)
    owner.select_folder("INBOX")

    owner.delete_messages([2])
    owner.expunge()
    onlooker.noop()

    assert onlooker.search("ALL") == [1, 3]


def test_a_bouncing_address_sends_a_delivery_status_notification_to_the_envelope_sender(
    mail_system: MailSystem,
) -> None:
    mail_system.bounce("gone@fabrikam.example")

    send(mail_system, "gone@fabrikam.example", sender="support+b.k7f2@contoso.example")

    [raw] = mail_system.wait_for_messages(SUPPORT, 1)
    report = message_from_bytes(raw)
    assert (report.get_content_type(), report.get_param("report-type")) == (
        "multipart/report",
        "delivery-status",
    )
    assert report["From"].startswith("MAILER-DAEMON@")
    assert report["To"] == "support+b.k7f2@contoso.example"
    parts = list(report.walk())
    per_recipient = parts[2].get_payload()[1]  # type: ignore[union-attr, index]
    assert per_recipient["Final-Recipient"] == "rfc822; gone@fabrikam.example"  # type: ignore[index]
    assert (per_recipient["Action"], per_recipient["Status"]) == ("failed", "5.1.1")  # type: ignore[index]
    assert "<m1@contoso.example>" in parts[-1].get_payload()  # type: ignore[operator]
    assert mail_system.messages("gone@fabrikam.example") == []


def test_a_full_mailbox_is_reported_as_delayed(mail_system: MailSystem) -> None:
    mail_system.bounce(ANNA, Bounce(status="4.2.2", text="Mailbox full"))

    send(mail_system)

    [raw] = mail_system.wait_for_messages(SUPPORT, 1)
    assert b"Action: delayed\r\nStatus: 4.2.2\r\n" in raw


def test_a_notification_about_a_notification_is_never_written(mail_system: MailSystem) -> None:
    mail_system.bounce(ANNA)

    send(mail_system, sender="")

    time.sleep(0.2)
    assert mail_system.accepted[0].envelope_from == ""
    assert mail_system.messages(SUPPORT) == mail_system.messages("") == mail_system.messages("<>") == []


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.CONTENT])
def test_a_refusal_at_any_step_is_answered_as_told_and_nothing_is_accepted(mail_system: MailSystem, step: Step) -> None:
    mail_system.refuse("*", 554, "5.7.1 not today", step)

    with pytest.raises(smtplib.SMTPException, match="not today"):
        send(mail_system, password="tea")

    assert mail_system.accepted == []


def test_a_fault_can_be_shown_once(mail_system: MailSystem) -> None:
    mail_system.refuse(ANNA, 451, "4.7.1 come back later", times=1)

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(mail_system)
    send(mail_system)

    assert mail_system.messages(ANNA) == [MAIL]


@pytest.mark.parametrize("step", list(Step))
def test_the_line_can_be_cut_at_any_step(mail_system: MailSystem, step: Step) -> None:
    mail_system.cut("*", step, times=1)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(mail_system, password="tea")
    assert mail_system.accepted == []

    send(mail_system)
    assert mail_system.messages(ANNA) == [MAIL]


def test_a_mail_can_arrive_although_the_line_was_cut_before_the_answer(mail_system: MailSystem) -> None:
    mail_system.cut(ANNA, Step.FINAL_DOT, delivered=True)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mail_system)

    assert mail_system.messages(ANNA) == [MAIL]


def test_imap_can_be_gone_while_smtp_takes_mail_and_comes_back_on_the_same_port(
    mail_system: MailSystem,
) -> None:
    client = sign_in(mail_system)
    mail_system.stop_imap()

    send(mail_system, SUPPORT, sender=ANNA)

    with pytest.raises((OSError, IMAPClient.AbortError)):
        client.noop()
    with pytest.raises(ConnectionRefusedError):
        sign_in(mail_system)
    mail_system.start_imap()
    assert sign_in(mail_system).select_folder("INBOX")[b"EXISTS"] == 1


def test_smtp_can_be_gone_while_imap_answers(mail_system: MailSystem) -> None:
    mail_system.stop_smtp()

    with pytest.raises(ConnectionRefusedError):
        send(mail_system)
    assert sign_in(mail_system).select_folder("INBOX")[b"EXISTS"] == 0
    mail_system.start_smtp()
    send(mail_system)
    assert mail_system.messages(ANNA) == [MAIL]


def test_a_folder_can_get_another_uidvalidity(mail_system: MailSystem) -> None:
    before = sign_in(mail_system).select_folder("INBOX")[b"UIDVALIDITY"]

    after = mail_system.renumber_folder(SUPPORT)

    assert after != before
    assert sign_in(mail_system).select_folder("INBOX")[b"UIDVALIDITY"] == after


def test_a_story_can_wait_for_mails_to_be_accepted(mail_system: MailSystem) -> None:
    mail_system.bounce(ANNA)
    Timer(0.1, send, (mail_system,)).start()

    [accepted] = mail_system.wait_for_accepted(1)

    assert accepted.recipients == (ANNA,)
    with pytest.raises(TimeoutError, match="1 mails were accepted"):
        mail_system.wait_for_accepted(2, seconds=0.1)


def test_sent_mail_lies_in_the_senders_sent_folder_when_the_provider_keeps_copies() -> None:
    with MailSystem({SUPPORT: "tea"}, keeps_sent_copies=True) as mail_system:
        send(mail_system)

        assert mail_system.messages(SUPPORT, "Sent") == [MAIL]


def test_every_accepted_mail_is_also_sent_to_the_place_that_counts() -> None:
    with MailSystem({}) as outside:
        with MailSystem({SUPPORT: "tea"}, forward_to=("127.0.0.1", outside.smtp_port)) as mail_system:
            for _ in range(20):
                send(mail_system)

        assert outside.messages(ANNA) == [MAIL] * 20
        assert mail_system.forward is not None
        assert mail_system.forward.failed == []


def test_a_place_that_does_not_answer_is_named_and_keeps_nobody_waiting() -> None:
    with MailSystem({}) as outside:
        port = outside.smtp_port
    with MailSystem({SUPPORT: "tea"}, forward_to=("127.0.0.1", port)) as mail_system:
        send(mail_system)

    assert mail_system.forward is not None
    [(mail, reason)] = mail_system.forward.failed
    assert (mail.raw, "refused" in reason) == (MAIL, True)


def test_three_thousand_deliveries_and_their_listing_take_little_time(mail_system: MailSystem) -> None:
    began = time.monotonic()

    for _ in range(3000):
        mail_system.deliver(MAIL, SUPPORT)
    client = sign_in(mail_system)
    client.select_folder("INBOX", readonly=True)
    found = client.search(["UID", "1:*"])

    assert len(client.fetch(found, ["BODY.PEEK[]"])) == 3000
    assert time.monotonic() - began < 10


def test_arrival_times_follow_the_clock_that_was_handed_in() -> None:
    saturday = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    with MailSystem({SUPPORT: "tea"}, clock=lambda: saturday) as mail_system:
        send(mail_system)
        mail_system.deliver(MAIL, SUPPORT)
        client = sign_in(mail_system)
        client.normalise_times = False
        client.select_folder("INBOX")

        assert mail_system.accepted[0].at == saturday
        assert client.fetch([1], ["INTERNALDATE"])[1][b"INTERNALDATE"] == saturday


def test_a_taken_port_is_said_at_once(mail_system: MailSystem) -> None:
    with pytest.raises(OSError, match="already in use"):
        MailSystem({}, smtp_port=mail_system.smtp_port).start()

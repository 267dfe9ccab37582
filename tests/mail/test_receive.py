"""Mail gets into the database without a gap or a double, and a reading proves only what the server said."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from caseloop.demo.mail_system import MailSystem
from caseloop.mail import lease as leases
from caseloop.mail.models import InboundMail, Mailbox, MailFolder, Message
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.reader import MailboxReader
from caseloop.mail.receive import LeaseLost, read_mailbox
from tests import factories
from tests.mail.conftest import ANNA, OURS
from tests.mail.letters_in import mail_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> list[datetime]:
    """The clock of a test, in a list so that it can be moved; near the mail server's own."""
    return [datetime.now(UTC)]


@pytest.fixture
def read(mailbox: Mailbox, now: list[datetime]) -> list[tuple[int, datetime]]:
    return []


@pytest.fixture
def reader(mailbox: Mailbox, now: list[datetime], read: list[tuple[int, datetime]]) -> MailboxReader:
    """A reader of our mailbox; its first reading says where *from now on* begins."""
    return MailboxReader(mailbox.pk, lambda: now[0], lambda mailbox_id, at: read.append((mailbox_id, at)))


def test_mail_from_before_the_connection_is_left_alone_and_mail_from_now_on_is_read(
    reader: MailboxReader, mailbox: Mailbox, mail_system: MailSystem, now: list[datetime]
) -> None:
    mail_system.deliver(mail_in("Old history"), OURS)
    reader.read_once()
    assert not InboundMail.objects.exists()

    mail_system.deliver(mail_in("New"), OURS)
    now[0] += timedelta(minutes=5)
    report = reader.read_once()
    assert report is not None
    assert (report.stored, report.is_through) == (1, True)
    assert InboundMail.objects.get().fetched_at == now[0]
    assert InboundMail.objects.get().state == "processed"
    mailbox.refresh_from_db()
    assert (mailbox.read_through_at, mailbox.last_arrival_at) == (now[0], now[0])


def test_junk_and_chosen_folders_are_read_too(reader: MailboxReader, mailbox: Mailbox, mail_system: MailSystem) -> None:
    mail_system.deliver(mail_in("Old"), OURS, "Partners")
    Mailbox.objects.update(watched_folders=["Partners"])
    reader.read_once()
    for folder in ("Junk", "Partners", "Archive"):
        mail_system.deliver(mail_in(f"In {folder}"), OURS, folder)
    reader.read_once()
    assert sorted(InboundMail.objects.values_list("folder", flat=True)) == ["Junk", "Partners"]


def test_a_junk_folder_that_comes_into_being_later_is_read_from_its_beginning(
    reader: MailboxReader, mail_system: MailSystem
) -> None:
    mail_system.store.delete_folder(OURS, "Junk")
    reader.read_once()
    mail_system.deliver(mail_in("An answer"), OURS, "Spam")
    reader.read_once()
    assert InboundMail.objects.get().folder == "Spam"


def test_a_folder_that_is_gone_proves_nothing_but_the_others_are_read(
    reader: MailboxReader, mailbox: Mailbox, mail_system: MailSystem, now: list[datetime]
) -> None:
    reader.read_once()
    through = now[0]
    mail_system.store.delete_folder(OURS, "Junk")
    mail_system.deliver(mail_in("Hello"), OURS)
    now[0] += timedelta(minutes=1)

    report = reader.read_once()

    assert report is not None
    assert (report.stored, report.is_through) == (1, False)
    mailbox.refresh_from_db()
    assert mailbox.read_through_at == through
    assert mailbox.reading_error == "The mailbox has no folder 'Junk' any more: choose another, or make it again."


def test_a_server_that_does_not_answer_proves_nothing_until_it_is_back(
    reader: MailboxReader, mailbox: Mailbox, mail_system: MailSystem, now: list[datetime]
) -> None:
    reader.read_once()
    through = now[0]
    mail_system.stop_imap()
    now[0] += timedelta(days=2)
    report = reader.read_once()
    assert report is not None
    assert "refuses connections" in report.problem
    mailbox.refresh_from_db()
    assert (mailbox.read_through_at, bool(mailbox.reading_error)) == (through, True)

    mail_system.start_imap()
    mail_system.deliver(mail_in("Sent while you were away"), OURS)
    reader.read_once()
    mailbox.refresh_from_db()
    assert (mailbox.read_through_at, mailbox.reading_error) == (now[0], "")
    assert Message.objects.get().text.strip() == "Sent while you were away"


def test_a_folder_that_was_numbered_anew_doubles_nothing_and_loses_nothing(
    reader: MailboxReader, mail_system: MailSystem
) -> None:
    mail_system.deliver(mail_in("History"), OURS)
    reader.read_once()
    MailFolder.objects.update(started_at=datetime.now(UTC) + timedelta(days=2))  # the history lies two days back
    mail_system.deliver(mail_in("One"), OURS)
    reader.read_once()
    mail_system.renumber_folder(OURS)
    reader.read_once()
    assert [bytes(mail.raw).count(b"History") for mail in InboundMail.objects.all()] == [0]

    mail_system.deliver(mail_in("Two"), OURS)
    reader.read_once()
    assert [message.text.strip() for message in Message.objects.order_by("pk")] == ["One", "Two"]


def test_what_comes_between_two_numberings_is_read(reader: MailboxReader, mail_system: MailSystem) -> None:
    reader.read_once()
    mail_system.deliver(mail_in("One"), OURS)
    mail_system.renumber_folder(OURS)
    reader.read_once()
    assert Message.objects.get().text.strip() == "One"


def test_the_time_of_a_reading_is_taken_before_the_server_is_asked(
    reader: MailboxReader, mailbox: Mailbox, mail_system: MailSystem, now: list[datetime]
) -> None:
    began = now[0]

    def slow_clock() -> datetime:
        now[0] += timedelta(seconds=7)
        return now[0]

    slow = MailboxReader(mailbox.pk, slow_clock)
    slow.read_once()
    mailbox.refresh_from_db()
    assert mailbox.read_through_at == began + timedelta(seconds=7)


def test_only_one_reader_has_a_mailbox_and_the_one_before_can_write_nothing_any_more(
    mailbox: Mailbox, mail_system: MailSystem, now: list[datetime]
) -> None:
    first, second = MailboxReader(mailbox.pk, lambda: now[0]), MailboxReader(mailbox.pk, lambda: now[0])
    assert first.read_once() is not None
    assert second.read_once() is None
    stale = leases.take(mailbox.pk, first._id)
    assert stale is not None

    Mailbox.objects.update(reader_until=datetime(2026, 1, 1, tzinfo=UTC))
    assert second.read_once() is not None
    assert first.read_once() is None
    later = now[0] + timedelta(hours=1)
    assert not leases.note_read_through(stale, later)
    folder = MailFolder.objects.get(name="INBOX")
    assert not leases.note_folder(stale, folder.pk, folder.uidvalidity, 999, 0)
    mail_system.deliver(mail_in(), OURS)
    assert first._reader is not None
    with pytest.raises(LeaseLost):
        read_mailbox(stale, first._reader, lambda: later)
    mailbox.refresh_from_db()
    assert mailbox.read_through_at == now[0]
    assert mailbox.reader == second._id
    assert MailFolder.objects.get(name="INBOX").last_uid == folder.last_uid


def test_a_lease_can_be_given_back(mailbox: Mailbox) -> None:
    lease = leases.take(mailbox.pk, uuid.uuid4())
    assert lease is not None
    leases.give_back(lease.mailbox_id, lease.reader)
    after = leases.take(mailbox.pk, uuid.uuid4())
    assert after is not None
    assert after.fencing == lease.fencing + 1


def test_who_wants_proof_is_told_and_a_wish_that_came_later_stays(
    reader: MailboxReader,
    mailbox: Mailbox,
    mail_system: MailSystem,
    now: list[datetime],
    read: list[tuple[int, datetime]],
) -> None:
    reader.read_once()
    Mailbox.objects.update(last_arrival_at=now[0], read_wanted_at=now[0])
    reader.read_once()
    mailbox.refresh_from_db()
    assert mailbox.read_wanted_at is None
    assert read == [(mailbox.pk, now[0])]
    Mailbox.objects.update(read_wanted_at=now[0] + timedelta(seconds=1))
    reader.read_once()
    mailbox.refresh_from_db()
    assert mailbox.read_wanted_at == now[0] + timedelta(seconds=1)


def test_when_nothing_came_for_a_day_a_probe_goes_out_and_coming_back_proves_the_way_in(
    reader: MailboxReader,
    mailbox: Mailbox,
    mail_system: MailSystem,
    now: list[datetime],
    read: list[tuple[int, datetime]],
) -> None:
    reader.read_once()
    now[0] += timedelta(days=3)
    Mailbox.objects.update(last_arrival_at=now[0] - timedelta(hours=25), read_wanted_at=now[0])

    reader.read_once()
    assert read == []
    [probe] = mail_system.accepted
    assert probe.recipients == (OURS,)
    assert b"Auto-Submitted: auto-generated" in probe.raw

    now[0] += timedelta(seconds=2)
    reader.read_once()
    mailbox.refresh_from_db()
    assert (mailbox.last_arrival_at, mailbox.probe_folder) == (now[0], "INBOX")
    assert read == [(mailbox.pk, now[0])]
    assert InboundMail.objects.get().state == "ignored"
    assert not Message.objects.exists()


def test_while_the_way_in_is_dead_a_probe_goes_out_once_an_hour_and_nobody_is_told_of_silence(
    reader: MailboxReader,
    mailbox: Mailbox,
    mail_system: MailSystem,
    now: list[datetime],
    read: list[tuple[int, datetime]],
) -> None:
    reader.read_once()
    mail_system.lose(OURS)  # taken by the server, never delivered
    mail_system.store.mailbox(OURS)["INBOX"].mails.clear()
    for _ in range(8):
        now[0] += timedelta(minutes=20)
        Mailbox.objects.update(read_wanted_at=now[0])
        reader.read_once()
        mail_system.store.mailbox(OURS)["INBOX"].mails.clear()
    assert len(mail_system.accepted) == 3
    assert read == []


def test_a_mail_that_the_server_lists_but_keeps_to_itself_is_shown(
    reader: MailboxReader, mail_system: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.read_once()
    uid = mail_system.deliver(mail_in("Secret"), OURS)
    mail_system.deliver(mail_in("Open"), OURS)
    assert reader._reader is not None
    ask: Callable[..., object] = reader._reader.read_new

    def withholding(folder: str, uidvalidity: int, last_uid: int) -> object:
        from dataclasses import replace

        answer = ask(folder, uidvalidity, last_uid)
        kept = tuple(mail for mail in answer.mails if mail.uid != uid)  # type: ignore[attr-defined]
        gone = tuple(mail.uid for mail in answer.mails if mail.uid == uid)  # type: ignore[attr-defined]
        return replace(answer, mails=kept, unreadable_uids=gone)  # type: ignore[type-var]

    monkeypatch.setattr(reader._reader, "read_new", withholding)
    reader.read_once()
    states = dict(InboundMail.objects.values_list("uid", "state"))
    assert states == {uid: "unreadable", uid + 1: "processed"}


def test_a_copy_in_the_sent_folder_shows_that_a_mail_in_doubt_was_sent(
    mailbox: Mailbox, mail_system: MailSystem, reader: MailboxReader, now: list[datetime]
) -> None:
    case = factories.case(now=now[0])
    written = [
        write_mail(case.pk, Letter(to=[ANNA], text="Hello"), author=factories.user(), now=now[0]) for _ in range(2)
    ]
    Message.objects.update(state="unconfirmed", claimed_at=now[0])
    mail_system.deliver(mail_in(message_id=written[0].message_id), OURS, "Sent")
    reader.read_once()
    assert [Message.objects.get(pk=mail.pk).state for mail in written] == ["sent", "unconfirmed"]

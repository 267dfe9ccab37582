"""Is every mail of a mailbox read once and left as it is, and is silence never taken for an answer?"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from caseloop.demo.mail_system import MailSystem
from caseloop.mail.imap import (
    FolderMark,
    FolderMissing,
    ImapReader,
    ImapSettings,
    Limits,
    MailboxUnreachable,
    Security,
)
from tests.mail.certificates import contexts
from tests.mail.pymap_server import pymap_server
from tests.mail.scripted_server import scripted_imap

SUPPORT = "support@contoso.example"
BEGINNING = FolderMark(0, 0)
MONDAY = datetime(2026, 11, 23, 10, 14, tzinfo=UTC)


def mail(number: int, size: int = 0) -> bytes:
    return f"Message-ID: <m{number}@fabrikam.example>\r\nSubject: {number}\r\n\r\nGrüße\r\n".encode() + b"x" * size


@pytest.fixture
def mail_system() -> Iterator[MailSystem]:
    with MailSystem({SUPPORT: "tea"}, clock=lambda: MONDAY) as running:
        yield running


@pytest.fixture
def reader(mail_system: MailSystem) -> Iterator[ImapReader]:
    with ImapReader(settings(mail_system.imap_port)) as opened:
        yield opened


def settings(port: int) -> ImapSettings:
    return ImapSettings("127.0.0.1", port, SUPPORT, "tea", Security.NONE, timeout=5)


def read_all(reader: ImapReader, folder: str = "INBOX", mark: FolderMark = BEGINNING) -> list[bytes]:
    """As the receiving side does it: batch after batch until the answer is complete."""
    raws: list[bytes] = []
    for _ in range(100):
        read = reader.read_new(folder, *mark)
        raws += [found.raw for found in read.mails]
        mark = FolderMark(read.uidvalidity, read.read_through_uid)
        if read.complete:
            return raws
    raise AssertionError("never complete")


def test_new_mails_come_oldest_first_with_their_bytes_and_arrival(mail_system: MailSystem, reader: ImapReader) -> None:
    for number in range(3):
        mail_system.deliver(mail(number), SUPPORT)

    read = reader.read_new("INBOX", 0, 0)

    assert [(found.uid, found.raw) for found in read.mails] == [(1, mail(0)), (2, mail(1)), (3, mail(2))]
    assert read.mails[0].internal_date == MONDAY
    assert (read.read_through_uid, read.complete, read.restarted, read.unreadable_uids) == (3, True, False, ())


def test_only_what_is_above_the_mark_comes(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT)
    first = reader.read_new("INBOX", 0, 0)

    nothing = reader.read_new("INBOX", first.uidvalidity, first.read_through_uid)
    mail_system.deliver(mail(2), SUPPORT)
    second = reader.read_new("INBOX", first.uidvalidity, first.read_through_uid)

    assert (nothing.mails, nothing.read_through_uid, nothing.complete) == ((), 1, True)
    assert [found.raw for found in second.mails] == [mail(2)]


def test_an_empty_folder_is_a_positive_answer(reader: ImapReader) -> None:
    read = reader.read_new("INBOX", 0, 0)

    assert (read.mails, read.complete, read.read_through_uid) == ((), True, 0)
    assert read.uidvalidity > 0


def test_reading_marks_nothing_as_seen(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT)

    reader.read_new("INBOX", 0, 0)

    owner = IMAPClient("127.0.0.1", mail_system.imap_port, ssl=False)
    owner.login(SUPPORT, "tea")
    assert owner.folder_status("INBOX", ["UNSEEN"]) == {b"UNSEEN": 1}


def test_the_mark_of_now_leaves_older_mail_alone(mail_system: MailSystem, reader: ImapReader) -> None:
    assert reader.highest_uid("INBOX").uid == 0
    for number in range(5):
        mail_system.deliver(mail(number), SUPPORT)

    mark = reader.highest_uid("INBOX")
    mail_system.deliver(mail(99), SUPPORT)

    assert mark.uid == 5
    assert read_all(reader, mark=mark) == [mail(99)]


def test_many_mails_come_in_batches_none_lost_none_twice(mail_system: MailSystem, reader: ImapReader) -> None:
    for number in range(450):
        mail_system.deliver(mail(number), SUPPORT)

    first = reader.read_new("INBOX", 0, 0)

    assert (len(first.mails), first.complete, first.read_through_uid) == (200, False, 200)
    assert read_all(reader) == [mail(number) for number in range(450)]


def test_a_batch_ends_before_it_grows_too_large_but_always_gets_on(mail_system: MailSystem) -> None:
    for number in range(4):
        mail_system.deliver(mail(number, size=3000), SUPPORT)
    with ImapReader(settings(mail_system.imap_port), Limits(bytes=7000)) as reader:
        assert [found.uid for found in reader.read_new("INBOX", 0, 0).mails] == [1, 2]
        assert len(read_all(reader)) == 4
    with ImapReader(settings(mail_system.imap_port), Limits(bytes=10)) as reader:
        assert [found.uid for found in reader.read_new("INBOX", 0, 0).mails] == [1]
        assert len(read_all(reader)) == 4


def test_of_a_huge_mail_its_beginning_is_read(mail_system: MailSystem) -> None:
    mail_system.deliver(mail(1, size=50_000), SUPPORT)
    mail_system.deliver(mail(2), SUPPORT)
    with ImapReader(settings(mail_system.imap_port), Limits(mail_bytes=1000)) as reader:
        huge, usual = reader.read_new("INBOX", 0, 0).mails

    assert (huge.raw, huge.is_whole) == (mail(1, size=50_000)[:1000], False)
    assert (usual.raw, usual.is_whole) == (mail(2), True)


def test_another_uidvalidity_brings_every_mail_once_more(mail_system: MailSystem, reader: ImapReader) -> None:
    for number in range(3):
        mail_system.deliver(mail(number), SUPPORT)
    before = reader.read_new("INBOX", 0, 0)
    mail_system.renumber_folder(SUPPORT)

    after = reader.read_new("INBOX", before.uidvalidity, before.read_through_uid)
    again = reader.read_new("INBOX", after.uidvalidity, after.read_through_uid)

    assert (after.restarted, len(after.mails), after.uidvalidity != before.uidvalidity) == (True, 3, True)
    assert (again.restarted, again.mails) == (False, ())


def test_a_look_into_a_quiet_folder_costs_little(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT)
    first = reader.read_new("INBOX", 0, 0)
    began = time.monotonic()

    for _ in range(50):
        reader.read_new("INBOX", first.uidvalidity, first.read_through_uid)

    assert time.monotonic() - began < 1.5  # about 0.1 s; 2 s where each command waits for an acknowledgement


def test_junk_and_other_folders_are_found_and_read(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT, "Junk")
    mail_system.deliver(mail(2), SUPPORT, "Kunden/Große & Kleine")

    folders = {folder.name: folder for folder in reader.folders()}

    assert reader.folders()[0].is_inbox
    assert (folders["Junk"].is_junk, folders["Junk"].special_use) == (True, "\\Junk")
    assert read_all(reader, "Junk") == [mail(1)]
    assert read_all(reader, "Kunden/Große & Kleine") == [mail(2)]


def test_junk_is_found_by_its_name_where_the_server_says_nothing(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.imap_faults.without_special_use = True

    assert [folder.name for folder in reader.folders() if folder.is_junk] == ["Junk"]


def test_a_missing_or_renamed_folder_is_named_and_the_others_go_on(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT, "Kunden")
    mail_system.deliver(mail(2), SUPPORT)
    assert read_all(reader, "Kunden") == [mail(1)]
    mail_system.store.rename_folder(SUPPORT, "Kunden", "Kundschaft")

    with pytest.raises(FolderMissing, match="no folder 'Kunden'") as caught:
        reader.read_new("Kunden", 0, 0)

    assert (caught.value.permanent, caught.value.folder) == (True, "Kunden")
    assert read_all(reader) == [mail(2)]
    assert read_all(reader, "Kundschaft") == [mail(1)]


def test_a_mail_is_found_by_its_message_id(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT, "Sent")

    assert reader.holds("Sent", "<m1@fabrikam.example>")
    assert not reader.holds("Sent", "<m2@fabrikam.example>")
    assert not reader.holds("INBOX", "<m1@fabrikam.example>")


def test_a_lost_connection_is_opened_again_and_nothing_is_missed(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT)
    first = reader.read_new("INBOX", 0, 0)
    mail_system.stop_imap()
    mail_system.deliver(mail(2), SUPPORT)

    with pytest.raises(MailboxUnreachable, match="refuses connections") as caught:
        reader.read_new("INBOX", first.uidvalidity, first.read_through_uid)
    assert not caught.value.permanent
    mail_system.start_imap()

    assert read_all(reader, mark=FolderMark(first.uidvalidity, first.read_through_uid)) == [mail(2)]


def test_a_connection_that_broke_unseen_costs_no_answer(mail_system: MailSystem, reader: ImapReader) -> None:
    reader.read_new("INBOX", 0, 0)
    mail_system.stop_imap()
    mail_system.start_imap()
    mail_system.deliver(mail(1), SUPPORT)

    assert read_all(reader) == [mail(1)]


def test_a_line_cut_in_the_middle_of_a_mail_yields_no_half_mail(mail_system: MailSystem) -> None:
    mail_system.deliver(mail(1, size=10_000), SUPPORT)
    with ImapReader(settings(mail_system.imap_port)) as reader:
        mail_system.imap_faults.cut_in_fetch = True
        with pytest.raises(MailboxUnreachable):
            reader.read_new("INBOX", 0, 0)

        assert read_all(reader) == [mail(1, size=10_000)]
        mail_system.imap_faults.cut_in_fetch = True  # on a kept connection the question is put once more
        assert read_all(reader) == [mail(1, size=10_000)]


def test_a_server_that_hangs_is_no_answer(mail_system: MailSystem) -> None:
    mail_system.imap_faults.delay = 30
    reader = ImapReader(replace(settings(mail_system.imap_port), timeout=0.2))

    with pytest.raises(MailboxUnreachable, match="did not answer in time") as caught:
        reader.read_new("INBOX", 0, 0)

    assert not caught.value.permanent


def test_one_mail_that_the_server_cannot_read_is_told_and_keeps_no_other_waiting(
    mail_system: MailSystem, reader: ImapReader
) -> None:
    for number in range(5):
        mail_system.deliver(mail(number), SUPPORT)
    mail_system.imap_faults.unreadable.add(b"<m2@")

    read = reader.read_new("INBOX", 0, 0)

    assert [found.raw for found in read.mails] == [mail(0), mail(1), mail(3), mail(4)]
    assert (read.unreadable_uids, read.read_through_uid, read.complete) == ((3,), 5, True)


def test_a_single_unreadable_mail_is_told_apart_by_its_neighbours(mail_system: MailSystem, reader: ImapReader) -> None:
    mail_system.deliver(mail(1), SUPPORT)
    mail_system.deliver(mail(2), SUPPORT)
    mail_system.imap_faults.unreadable.add(b"<m2@")

    read = reader.read_new("INBOX", 0, 1)

    assert (read.mails, read.unreadable_uids, read.read_through_uid) == ((), (2,), 2)


def test_a_server_that_hands_out_no_mail_at_all_has_given_no_answer(
    mail_system: MailSystem, reader: ImapReader
) -> None:
    for number in range(3):
        mail_system.deliver(mail(number), SUPPORT)
    mail_system.imap_faults.unreadable.add(b"Subject")

    with pytest.raises(MailboxUnreachable, match="hands out no mails"):
        reader.read_new("INBOX", 0, 0)
    mail_system.imap_faults.unreadable.clear()

    assert len(read_all(reader)) == 3


def test_a_mail_expunged_meanwhile_is_neither_read_nor_unreadable() -> None:
    searches = iter([b"* SEARCH 5\r\n", b"* SEARCH\r\n"])
    answers: dict[str, bytes | None] = {"UID FETCH": b"%t OK done\r\n"}

    class Searches(dict[str, bytes | None]):
        def get(self, name: str, usual: bytes | None = None) -> bytes | None:  # type: ignore[override]
            return next(searches) + b"%t OK done\r\n" if name == "UID SEARCH" else super().get(name, usual)

    with scripted_imap(Searches(answers)) as port, ImapReader(settings(port)) as reader:
        read = reader.read_new("INBOX", 0, 0)

    assert (read.mails, read.unreadable_uids, read.read_through_uid, read.complete) == ((), (), 5, True)


def test_a_wrong_password_needs_a_person(mail_system: MailSystem) -> None:
    with pytest.raises(MailboxUnreachable, match=r"did not let 'support@contoso\.example' in") as caught:
        ImapReader(replace(settings(mail_system.imap_port), password="coffee")).folders()

    assert caught.value.permanent


@pytest.mark.parametrize("said, permanent", [("[UNAVAILABLE] later", False), ("[ALERT] too many", False), ("no", True)])
def test_a_refused_login_passes_when_the_server_says_so(
    mail_system: MailSystem, reader: ImapReader, said: str, permanent: bool
) -> None:
    mail_system.imap_faults.refuse_login = said

    with pytest.raises(MailboxUnreachable) as caught:
        reader.folders()

    assert (caught.value.permanent, said in caught.value.reason) == (permanent, True)


def test_a_password_beyond_ascii_signs_in() -> None:
    with MailSystem({SUPPORT: "Tée ☕"}) as mail_system:
        own = replace(settings(mail_system.imap_port), password="Tée ☕")

        assert ImapReader(own).folders()


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_mailbox_is_read_and_waited_on_over_an_encrypted_line_that_is_trusted(
    tmp_path: Path, security: Security
) -> None:
    tls = contexts(tmp_path)
    with MailSystem({SUPPORT: "tea"}, tls=tls.server, tls_from_start=security is Security.TLS) as mail_system:
        own = replace(settings(mail_system.imap_port), security=security, tls=tls.client)
        mail_system.deliver(mail(1), SUPPORT)
        with ImapReader(own) as reader:
            assert read_all(reader) == [mail(1)]
            threading.Timer(0.2, mail_system.deliver, (mail(2), SUPPORT)).start()
            assert reader.idle(5)
            assert len(read_all(reader)) == 2
        with pytest.raises(MailboxUnreachable, match="is not trusted") as caught:
            ImapReader(replace(own, tls=None)).folders()

    assert caught.value.permanent


def test_nothing_is_said_unencrypted_when_encryption_was_asked_for(mail_system: MailSystem) -> None:
    with pytest.raises(MailboxUnreachable, match="does not offer what the settings ask for") as caught:
        ImapReader(replace(settings(mail_system.imap_port), security=Security.STARTTLS)).folders()

    assert caught.value.permanent


@pytest.mark.parametrize("idle_is_offered", [True, False])
def test_waiting_ends_soon_after_a_mail_arrives(
    mail_system: MailSystem, reader: ImapReader, idle_is_offered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caseloop.mail.imap_wait.ONE_PAUSE", 0.5)
    mail_system.imap_faults.without_idle = not idle_is_offered
    reader.read_new("INBOX", 0, 0)
    threading.Timer(0.3, mail_system.deliver, (mail(1), SUPPORT)).start()
    began = time.monotonic()

    assert reader.idle(10)

    assert 0.2 < time.monotonic() - began < 3


def test_waiting_ends_after_the_time_asked_for_when_nothing_comes(reader: ImapReader) -> None:
    began = time.monotonic()

    assert not reader.idle(0.5)

    assert 0.4 < time.monotonic() - began < 2


def test_waiting_ends_when_something_else_is_wanted(reader: ImapReader) -> None:
    wanted = threading.Event()
    threading.Timer(0.3, wanted.set).start()
    began = time.monotonic()

    assert not reader.idle(30, until=wanted.is_set)

    assert time.monotonic() - began < 2


def test_when_asking_fails_during_a_wait_nobody_says_goodbye_on_a_line_that_idles(reader: ImapReader) -> None:
    """A server that idles takes LOGOUT for the end of IDLE, and its answer is waited for in vain."""

    class DatabaseLost(Exception):
        pass

    asked = itertools.count(1)

    def fails_while_it_waits() -> bool:
        if next(asked) == 3:
            raise DatabaseLost
        return False

    with pytest.raises(DatabaseLost):
        reader.idle(30, until=fails_while_it_waits)
    began = time.monotonic()
    reader.close()

    assert time.monotonic() - began < 2


def test_what_arrived_between_reading_and_waiting_ends_the_wait_at_once(
    mail_system: MailSystem, reader: ImapReader
) -> None:
    reader.read_new("INBOX", 0, 0)
    mail_system.deliver(mail(1), SUPPORT)
    assert reader.idle(10)

    reader.read_new("INBOX", 0, 0)
    reader.read_new("Junk", 0, 0)
    mail_system.deliver(mail(2), SUPPORT)
    began = time.monotonic()
    assert reader.idle(10)

    assert time.monotonic() - began < 2


def test_a_connection_lost_while_waiting_is_told_when_it_does_not_come_back(
    mail_system: MailSystem, reader: ImapReader
) -> None:
    threading.Timer(0.3, mail_system.stop_imap).start()

    with pytest.raises(MailboxUnreachable):
        reader.idle(10)


def test_a_connection_that_comes_back_while_waiting_brings_the_news(
    mail_system: MailSystem, reader: ImapReader
) -> None:
    reader.read_new("INBOX", 0, 0)

    def restart() -> None:
        mail_system.deliver(mail(1), SUPPORT)
        mail_system.renumber_folder(SUPPORT)

    threading.Timer(0.3, restart).start()

    assert reader.idle(10)
    assert read_all(reader) == [mail(1)]


@pytest.mark.parametrize(
    "answers, reason",
    [
        ({"EXAMINE": b"* 1 EXISTS\r\n%t OK done\r\n"}, "(no UIDVALIDITY)."),
        ({"EXAMINE": b"%t NO [UNAVAILABLE] later\r\n"}, "can't be opened: select failed: [UNAVAILABLE] later"),
        ({"EXAMINE": b"%t OK done\r\n"}, "(no UIDVALIDITY)."),
        (
            {"EXAMINE": b"* OK [UIDVALIDITY seven] valid\r\n* 1 EXISTS\r\n%t OK done\r\n"},
            "gave no proper answer: invalid literal for int() with base 10: b'seven'",
        ),
        ({"UID SEARCH": b"%t NO not now\r\n"}, "gave no proper answer: SEARCH failed: not now"),
        ({"UID SEARCH": b"%t BAD what?\r\n"}, "gave no proper answer: b'what?'"),
        (
            {"UID SEARCH": b"* SEARCH all of them\r\n%t OK done\r\n"},
            "gave no proper answer: unexpected message list format",
        ),
        ({"UID SEARCH": None}, "was lost: command: SEARCH => socket error: EOF"),
        (
            {"UID FETCH": b"* 1 FETCH (UID 5 RFC822.SIZE 3 BODY[] NIL)\r\n%t OK done\r\n"},
            "hands out no mails (UID 5 was asked for).",
        ),
        ({"UID FETCH": b"* 1 FETCH (UID 5 BODY[] {9}\r\nA:b"}, "was lost: command: FETCH => socket error: EOF"),
        ({"UID FETCH": b"* 1 FETCH UID\r\n%t OK done\r\n"}, "gave no proper answer: bad response type: b'UID'"),
        (
            {"UID FETCH": b"* 1 FETCH (UID x RFC822.SIZE y)\r\n%t OK done\r\n"},
            "gave no proper answer: invalid UID: b'x'",
        ),
        (
            {"UID FETCH": b"%t NO [LIMIT] too much today\r\n"},
            "gave no proper answer: fetch failed: [LIMIT] too much today",
        ),
        ({"CAPABILITY": b"%t BAD what?\r\n"}, "gave no proper answer: CAPABILITY command error: BAD [b'what?']"),
        ({"LOGIN": None}, "was lost: command: LOGIN => socket error: EOF"),
        ({"LOGIN": b"* BYE too many\r\n"}, "was lost: command: LOGIN => too many"),
    ],
)
def test_no_nonsense_of_a_server_passes_for_an_answer(answers: dict[str, bytes | None], reason: str) -> None:
    with (
        scripted_imap(answers) as port,
        ImapReader(replace(settings(port), timeout=0.5)) as reader,
        pytest.raises(MailboxUnreachable) as caught,
    ):
        reader.read_new("INBOX", 0, 0)

    assert caught.value.reason.endswith(reason)


@pytest.mark.parametrize("greeting", [None, b"* BYE no service\r\n", b"hello\r\n", b"* OK x"])
def test_a_server_that_does_not_greet_is_unreachable(greeting: bytes | None) -> None:
    with scripted_imap({}, greeting) as port, pytest.raises(MailboxUnreachable):
        ImapReader(replace(settings(port), timeout=0.5)).folders()


def test_a_folder_with_very_many_mails_is_searched_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseloop.mail.imap.SEARCH_WINDOW", 100)
    with MailSystem({SUPPORT: "tea"}) as mail_system:
        for number in range(350):
            mail_system.deliver(mail(number), SUPPORT)
        with ImapReader(settings(mail_system.imap_port)) as reader:
            assert read_all(reader) == [mail(number) for number in range(350)]
            assert read_all(reader, mark=FolderMark(0, 349)) == [mail(349)]
            assert read_all(reader, mark=FolderMark(0, 350)) == []


def test_another_makers_server_is_read_as_well() -> None:
    mails = [mail(number) for number in range(30)]
    folders = {"INBOX": mails, "Spamverdacht": [mail(99)]}
    with pymap_server(SUPPORT, "tea", folders) as server:
        own = settings(server.port)
        with ImapReader(own, Limits(mails=7)) as reader:
            assert read_all(reader) == mails
            assert [folder.name for folder in reader.folders() if folder.is_junk] == ["Spamverdacht"]
            assert read_all(reader, "Spamverdacht") == [mail(99)]
            assert reader.holds("INBOX", "<m3@fabrikam.example>")
            mark = reader.highest_uid("INBOX")
            threading.Timer(0.3, server.deliver, (mail(100),)).start()
            assert reader.idle(10)
            assert read_all(reader, mark=mark) == [mail(100)]
            with pytest.raises(FolderMissing):
                reader.read_new("Nowhere", 0, 0)

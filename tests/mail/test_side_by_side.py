"""Several workers on one database, as in production: threads with connections of their own."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes

import pytest
from django.db import connection, transaction

from caseloop.administration import clock
from caseloop.cases.changes import locked
from caseloop.cases.models import Case
from caseloop.demo.mail_system import MailSystem
from caseloop.mail.last_look import always
from caseloop.mail.models import InboundMail, Mailbox, Message
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.processing import process_stored
from caseloop.mail.reader import MailboxReader
from caseloop.mail.send import MailSender
from tests import factories
from tests.mail.conftest import ANNA, OURS
from tests.mail.letters_in import mail_in

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def threads(*works: Callable[[], object]) -> Iterator[list[BaseException]]:
    """Run all at once, each with a database connection of its own; what they raise is in the list."""
    errors: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test asserts that there is none
            errors.append(error)
        finally:
            connection.close()

    started = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in started:
        thread.start()
    yield errors
    for thread in started:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in started)


def until(is_so: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait for something; returns how many seconds it took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - began


def test_two_senders_on_one_mailbox_send_each_mail_once(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    for number in range(60):
        case = factories.case(f"case {number}", now=monday)
        write_mail(case.pk, Letter(to=[ANNA], text="Hello"), author=factories.user(), now=monday)

    def send_all() -> None:
        sender = MailSender(mailbox.pk, lambda: monday, always)
        until(lambda: sender.send_due().handed_over == 0 and not _left(), 20)
        sender.close()

    with threads(send_all, send_all) as errors:
        pass
    assert errors == []
    arrived = [message_from_bytes(accepted.raw)["Message-ID"] for accepted in mail_system.accepted]
    assert (len(arrived), len(set(arrived))) == (60, 60)
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert Case.objects.filter(next_move="customer").count() == 60


def _left() -> bool:
    return Message.objects.filter(state="approved").exists()


def test_a_case_that_somebody_works_on_makes_its_mail_wait_and_nobody_else(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    busy, free = factories.case("busy", now=monday), factories.case("free", now=monday)
    for case in (busy, free):
        write_mail(case.pk, Letter(to=[ANNA], text="Hello"), author=factories.user(), now=monday)
    is_held, may_go = threading.Event(), threading.Event()

    def work_on_it() -> None:
        with transaction.atomic():
            locked(busy.pk)
            is_held.set()
            may_go.wait(20)

    sender = MailSender(mailbox.pk, lambda: monday, always)
    with threads(work_on_it) as errors:
        assert is_held.wait(10)
        assert sender.send_due().sent == 1
        assert Message.objects.get(case=free).state == "sent"
        may_go.set()
    assert errors == []
    assert sender.send_due().sent == 1
    sender.close()


def test_copies_that_two_readers_process_at_once_become_one_message(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    boxes = [mailbox, *(factories.mailbox(f"box{n}@contoso.example", is_default=False) for n in range(3))]
    mails = [mail_in(f"Mail {n}", message_id=f"<{n}@cafe.example>") for n in range(10)]
    for box in boxes:
        for uid, raw in enumerate(mails, start=1):
            copy = f"Received: by {box.address}\n".encode() + raw
            InboundMail.objects.create(
                mailbox=box,
                folder="INBOX",
                uidvalidity=1,
                uid=uid,
                raw=copy,
                digest=hashlib.sha256(copy).hexdigest(),
                fetched_at=monday,
            )
    with threads(*[lambda box=box: process_stored(box.pk, monday) for box in boxes]) as errors:  # type: ignore[misc]
        pass
    assert errors == []
    assert (Message.objects.count(), Case.objects.count()) == (10, 10)
    assert InboundMail.objects.filter(state="processed", message__isnull=False).count() == 40


@pytest.fixture
def running(mailbox: Mailbox) -> Iterator[list[int]]:
    """A reader in its thread, as the worker runs it; the list says which mailboxes were read for somebody."""
    read: list[int] = []
    stop = threading.Event()
    reader = MailboxReader(mailbox.pk, clock.now, lambda mailbox_id, at: read.append(mailbox_id))
    with threads(lambda: reader.run(stop)) as errors:
        until(lambda: Mailbox.objects.filter(read_through_at__isnull=False).exists())
        yield read
        stop.set()
    assert errors == []
    assert Mailbox.objects.get(pk=mailbox.pk).reader is None


def test_the_reader_hears_of_new_mail_at_once(running: list[int], mail_system: MailSystem) -> None:
    time.sleep(0.3)
    mail_system.deliver(mail_in("Hello"), OURS)
    assert until(Message.objects.exists) < 2.0


def test_proof_is_there_within_a_second_or_so(running: list[int], mailbox: Mailbox, mail_system: MailSystem) -> None:
    now = clock.now()
    Mailbox.objects.update(last_arrival_at=now, read_wanted_at=now)
    took = until(lambda: Mailbox.objects.filter(read_wanted_at=None, read_through_at__gt=now).exists())
    assert took < 2.0
    until(lambda: mailbox.pk in running)


def test_the_reader_goes_on_when_the_server_comes_back(
    running: list[int], mailbox: Mailbox, mail_system: MailSystem
) -> None:
    mail_system.stop_imap()
    Mailbox.objects.update(read_wanted_at=clock.now())
    until(lambda: Mailbox.objects.exclude(reading_error="").exists())
    mail_system.start_imap()
    mail_system.deliver(mail_in("Hello"), OURS)
    until(lambda: Message.objects.exists() and Mailbox.objects.filter(reading_error="").exists())


def test_a_mailbox_that_is_switched_off_is_left_alone(
    running: list[int], mailbox: Mailbox, mail_system: MailSystem
) -> None:
    Mailbox.objects.update(is_on=False)
    time.sleep(1.2)
    mail_system.deliver(mail_in("Hello"), OURS)
    time.sleep(1.0)
    assert not InboundMail.objects.exists()

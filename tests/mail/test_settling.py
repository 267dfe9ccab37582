"""A mail in doubt that turns out to be sent counts from the last moment at which the server can have taken it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from caseloop.cases.models import Case
from caseloop.mail.hand_over import HandOver, Unconfirmed
from caseloop.mail.last_look import always
from caseloop.mail.models import InboundMail, Mailbox, Message
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.processing import process_stored
from caseloop.mail.send import MailSender, recover
from caseloop.mail.settling import found_sent
from tests import factories
from tests.mail.conftest import ANNA
from tests.mail.letters_in import mail_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)


class Killed(BaseException):
    """The worker is gone."""


def says_nothing() -> HandOver:
    return Unconfirmed("The line was lost after the final dot.")


def dies() -> HandOver:
    raise Killed


@dataclass
class HangingServer:
    """Takes the mail, says nothing for five minutes, and then ends as it is told to."""

    at: datetime
    ends: Callable[[], HandOver] = says_nothing
    seconds: float = field(default=0.0, init=False)

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver:
        self.at += 5 * MINUTE
        self.seconds += 300
        return self.ends()

    def close(self) -> None:
        pass

    def hand_all_over(self, mailbox: Mailbox) -> None:
        sender = MailSender(
            mailbox.pk, lambda: self.at, always, connect=lambda mailbox: self, stopwatch=lambda: self.seconds
        )
        sender.send_due()


@pytest.fixture
def case(mailbox: Mailbox, monday: datetime) -> Case:
    return factories.case(now=monday - A_DAY)


@pytest.fixture
def mail(case: Case, monday: datetime) -> Message:
    letter = Letter(to=[ANNA], text="Does it still jam?")
    return write_mail(case.pk, letter, author=factories.user(), now=monday - MINUTE)


def killed_in_the_hand_over(mailbox: Mailbox, begins_at: datetime) -> None:
    with pytest.raises(Killed):
        HangingServer(begins_at, dies).hand_all_over(mailbox)


def comes_in(mailbox: Mailbox, raw: bytes, at: datetime) -> None:
    InboundMail.objects.create(
        mailbox=mailbox, folder="INBOX", uidvalidity=1, uid=1, raw=raw, digest="1", fetched_at=at
    )
    process_stored(mailbox.pk, at)


def test_a_lost_line_counts_from_when_it_was_lost_not_from_when_the_hand_over_began(
    mail: Message, mailbox: Mailbox, monday: datetime
) -> None:
    HangingServer(monday).hand_all_over(mailbox)
    mail.refresh_from_db()
    assert (mail.state, mail.doubted_at) == ("unconfirmed", monday + 5 * MINUTE)

    found_sent([mail.pk], monday + A_DAY)
    recover(lambda: monday + A_DAY)

    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.occurred_at) == ("sent", monday + 5 * MINUTE, monday + 5 * MINUTE)
    assert mail.case is not None
    assert mail.case.last_outbound_at == monday + 5 * MINUTE


def test_a_killed_worker_leaves_a_doubt_that_counts_from_its_recovery(
    mail: Message, mailbox: Mailbox, monday: datetime
) -> None:
    killed_in_the_hand_over(mailbox, monday)
    recover(lambda: monday + 7 * MINUTE, lease=timedelta(0))

    found_sent([mail.pk], monday + A_DAY)

    mail.refresh_from_db()
    assert (mail.state, mail.sent_at) == ("sent", monday + 7 * MINUTE)


def test_an_answer_before_the_worker_was_missed_comes_after_the_mail_that_it_answers(
    mail: Message, case: Case, mailbox: Mailbox, monday: datetime
) -> None:
    killed_in_the_hand_over(mailbox, monday)
    answered_at = monday + 6 * MINUTE
    comes_in(mailbox, mail_in(answers=mail.message_id), answered_at)

    recover(lambda: monday + 7 * MINUTE, lease=timedelta(0))

    mail.refresh_from_db()
    case.refresh_from_db()
    assert mail.state == "sent"
    assert mail.sent_at is not None
    assert monday <= mail.sent_at < answered_at
    assert case.next_move == "us"


def test_an_answer_that_came_while_the_server_still_said_nothing_comes_after_its_mail(
    mail: Message, mailbox: Mailbox, monday: datetime
) -> None:
    HangingServer(monday).hand_all_over(mailbox)
    comes_in(mailbox, mail_in(answers=mail.message_id), monday + 4 * MINUTE)

    mail.refresh_from_db()
    assert mail.state == "sent"
    assert mail.sent_at is not None
    assert monday <= mail.sent_at < monday + 4 * MINUTE


def test_a_doubt_from_before_its_moment_was_kept_counts_from_the_claim(
    mail: Message, mailbox: Mailbox, monday: datetime
) -> None:
    Message.objects.filter(pk=mail.pk).update(state="unconfirmed", claimed_at=monday)

    found_sent([mail.pk], monday + A_DAY)

    mail.refresh_from_db()
    assert mail.sent_at == monday

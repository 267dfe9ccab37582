"""A worker that dies loses nothing and doubles nothing; only the few mails it had just begun are in doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from caseloop.cases.models import Activity, Case, CaseReview
from caseloop.demo.mail_system import MailSystem
from caseloop.mail import send
from caseloop.mail.connections import smtp_connection
from caseloop.mail.hand_over import HandOver
from caseloop.mail.last_look import SentMail, always
from caseloop.mail.models import InboundMail, Mailbox, Message, SendingClaim
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.processing import process_stored
from caseloop.mail.send import Limits, MailSender, WayOut, recover
from caseloop.mail.settling import settle_not_sent
from tests import factories
from tests.mail.conftest import ANNA

pytestmark = pytest.mark.django_db
AT_ONCE = timedelta(0)


class Killed(BaseException):
    """What a kill does, as far as a test can: nothing of ours runs any more."""


class DiesAfter:
    """A way out whose worker is killed right after the server took this many mails."""

    def __init__(self, way_out: WayOut, mails: int, then: Callable[[], None]) -> None:
        self._way_out, self._left, self._then = way_out, mails, then

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver:
        outcome = self._way_out.hand_over(envelope_from, recipients, raw)
        self._left -= 1
        if self._left == 0:
            self._then()
        return outcome

    def close(self) -> None:
        self._way_out.close()


def killed() -> None:
    raise Killed


@pytest.fixture
def mails(mailbox: Mailbox, monday: datetime) -> list[Message]:
    """Thirty mails that are due, one a case."""
    return [
        write_mail(
            factories.case(f"case {number}", now=monday).pk,
            Letter(to=[ANNA], text="Hello"),
            author=factories.user(),
            now=monday,
        )
        for number in range(30)
    ]


def states() -> dict[str, int]:
    found = list(Message.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


def sender(mailbox: Mailbox, now: datetime, mails: int, then: Callable[[], None], **limits: float) -> MailSender:
    made = MailSender(
        mailbox.pk,
        lambda: now,
        always,
        connect=lambda box: DiesAfter(smtp_connection(box), mails, then),
        limits=Limits(**limits),  # type: ignore[arg-type]
    )
    made.line.note_pace(0.001)
    for _ in range(40):
        made.line.note_pace(0.001)
    return made


@pytest.mark.parametrize("taken", [1, 7, 20, 21, 29, 30])
def test_at_most_twenty_mails_are_in_doubt_and_none_is_sent_twice(
    taken: int, mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    with pytest.raises(Killed):
        sender(mailbox, monday, taken, killed).send_due()
    later = monday + timedelta(minutes=5)
    recovered = recover(lambda: later, lease=AT_ONCE)

    assert 1 <= recovered.unconfirmed <= 20
    assert recovered.unconfirmed + recovered.given_back + recovered.finished == 30
    assert not SendingClaim.objects.exists()
    in_doubt = set(Message.objects.filter(state="unconfirmed").values_list("case_id", flat=True))
    assert set(CaseReview.objects.filter(review_at=later).values_list("case_id", flat=True)) >= in_doubt

    sender(mailbox, later, 99, killed).send_due()
    sent_twice = len(mail_system.accepted) - len(
        {accepted.raw.split(b"Message-ID: ")[1][:40] for accepted in mail_system.accepted}
    )
    assert sent_twice == 0
    assert states() == {"sent": 30 - recovered.unconfirmed, "unconfirmed": recovered.unconfirmed}
    assert Activity.objects.filter(kind="email").count() == 30 - recovered.unconfirmed


def test_at_a_providers_pace_two_mails_are_in_doubt_at_most(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    slow = MailSender(
        mailbox.pk, lambda: monday, always, connect=lambda box: DiesAfter(smtp_connection(box), 3, killed)
    )
    for _ in range(40):
        slow.line.note_pace(0.06)
    with pytest.raises(Killed):
        slow.send_due()
    assert recover(lambda: monday, lease=AT_ONCE).unconfirmed <= 2


def test_a_worker_that_dies_before_the_rest_is_written_has_it_finished_by_another(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*given: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(send, "end", dies)
        with pytest.raises(Killed):
            sender(mailbox, monday, 99, killed).send_due()
    assert states() == {"sent": 30}
    assert Case.objects.filter(next_move="customer").count() == 0
    told: list[int] = []

    def on_sent(mails: Sequence[SentMail], now: datetime) -> None:
        told.extend(mail.pk for mail in mails)

    assert recover(lambda: monday, on_sent=on_sent).finished == 0  # its worker may be about to do it
    assert recover(lambda: monday, on_sent=on_sent, lease=AT_ONCE).finished == 30
    assert sorted(told) == [message.pk for message in mails]
    assert Case.objects.filter(next_move="customer").count() == 30
    assert recover(lambda: monday, on_sent=on_sent, lease=AT_ONCE).finished == 0


def test_an_end_that_fails_half_way_leaves_nothing_half_written(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    def fails(mails: Sequence[SentMail], now: datetime) -> None:
        raise Killed

    with pytest.raises(Killed):
        MailSender(mailbox.pk, lambda: monday, always, on_sent=fails).send_due()
    assert states()["sent"] >= 1
    assert not Activity.objects.filter(kind="email").exists()
    assert not Case.objects.filter(next_move="customer").exists()
    assert SendingClaim.objects.count() == 1

    recovered = recover(lambda: monday, lease=AT_ONCE)
    assert recovered.finished == states()["sent"] == Activity.objects.filter(kind="email").count()
    assert recovered.unconfirmed == 0
    assert not SendingClaim.objects.exists()


def test_a_bounce_that_is_faster_than_the_record_of_its_mail_stays(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    def bounces() -> None:
        Message.objects.filter(pk=mails[0].pk).update(bounce="permanent", bounced_at=monday)

    sender(mailbox, monday, 1, bounces).send_due()

    mails[0].refresh_from_db()
    assert (mails[0].state, mails[0].bounce, mails[0].bounced_at) == ("sent", "permanent", monday)


def test_a_worker_that_was_given_up_too_early_sends_nothing_more_and_its_result_still_counts(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    stuck = sender(mailbox, monday, 1, lambda: recover(lambda: monday, lease=AT_ONCE) and None, record_mails=5)
    report = stuck.send_due()

    assert report.sent <= 5
    accepted = len(mail_system.accepted)
    assert accepted == report.sent
    assert states()["sent"] == accepted
    sender(mailbox, monday, 99, killed).send_due()
    assert len(mail_system.accepted) + states().get("unconfirmed", 0) == 30


def test_a_copy_that_came_in_before_the_worker_was_missed_shows_that_its_mail_was_sent(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    with pytest.raises(Killed):
        sender(mailbox, monday, 1, killed).send_due()
    raw = mail_system.accepted[0].raw
    digest = hashlib.sha256(raw).hexdigest()
    InboundMail.objects.create(
        mailbox=mailbox, folder="Sent", uidvalidity=1, uid=1, raw=raw, digest=digest, fetched_at=monday
    )
    process_stored(mailbox.pk, monday)

    recovered = recover(lambda: monday, lease=AT_ONCE)

    assert (recovered.found, recovered.finished) == (1, 1)
    mails[0].refresh_from_db()
    assert (mails[0].state, mails[0].sent_at) == ("sent", monday)


def test_a_person_can_settle_what_nobody_finds(
    mails: list[Message], mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    with pytest.raises(Killed):
        sender(mailbox, monday, 1, killed).send_due()
    recover(lambda: monday, lease=AT_ONCE)
    in_doubt = list(Message.objects.filter(state="unconfirmed").values_list("pk", flat=True))
    assert settle_not_sent([*in_doubt, mails[-1].pk], monday) == len(in_doubt)
    assert set(Message.objects.filter(pk__in=in_doubt).values_list("state", flat=True)) == {"refused"}
    mails[-1].refresh_from_db()
    assert mails[-1].state in ("approved", "refused")

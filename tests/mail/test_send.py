"""Each mail is handed over at most once, and everything that follows from it is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from cryptography.fernet import Fernet

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Activity, Case, CaseReview, ContactAddress, StatusReason
from caseloop.demo.mail_system import MailSystem, Step
from caseloop.mail.due import DueMail
from caseloop.mail.last_look import Answer, Drop, Go, NotNow, always
from caseloop.mail.models import Mailbox, Message, Participant, SendingClaim
from caseloop.mail.outgoing import Letter, approve, discard, save_draft, take_back, write_mail
from caseloop.mail.send import Limits, MailSender, recover, send_due
from tests import factories
from tests.mail.conftest import ANNA

pytestmark = pytest.mark.django_db
Clock = Callable[[], datetime]


@pytest.fixture
def case(mailbox: Mailbox, monday: datetime) -> Case:
    return factories.case(now=monday - timedelta(days=2))


def mail(case: Case, now: datetime, **fields: object) -> Message:
    letter = Letter(**{"to": [ANNA], "subject": "Your grinder", "text": "Does it still jam?", **fields})  # type: ignore[arg-type]
    return write_mail(case.pk, letter, author=factories.user(), now=now)


def never(messages: Sequence[DueMail], now: datetime) -> list[Answer]:
    raise AssertionError("a person's own mail needs no last look")


def test_a_mail_by_a_person_arrives_and_the_next_move_is_the_customers(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    written = mail(case, monday)
    CaseReview.objects.update(review_at=None)

    report = send_due(mailbox.pk, clock, never)

    assert (report.sent, report.problem) == (1, "")
    [raw] = mail_system.messages(ANNA)
    received = message_from_bytes(raw, policy=policy.default)
    assert received["Message-ID"] == written.message_id
    assert received["Subject"] == f"Your grinder [{case.number}]"
    assert received["Auto-Submitted"] is None
    case.refresh_from_db()
    assert (case.next_move, case.last_outbound_subject) == ("customer", f"Your grinder [{case.number}]")
    assert case.last_outbound_at is not None
    assert case.last_outbound_at - monday < timedelta(seconds=2)
    assert Activity.objects.get(kind="email").subject == "Sofia wrote to Anna Löwenherz"
    assert CaseReview.objects.get(case=case).review_at == monday
    assert Participant.objects.get().is_trusted
    assert not SendingClaim.objects.exists()


def test_sending_can_set_the_status_reason_in_the_same_act(
    case: Case, mailbox: Mailbox, monday: datetime, clock: Clock
) -> None:
    mail(case, monday, sets_status_reason=StatusReason.objects.get(key="waiting_for_details"))
    send_due(mailbox.pk, clock, always)
    case.refresh_from_db()
    assert case.status_reason.key == "waiting_for_details"


def test_a_mail_waits_until_its_undo_time_is_over_and_can_be_taken_back_until_then(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    letter = Letter(to=[ANNA], subject="Hello", text="Hello")
    waiting = write_mail(
        case.pk, letter, author=factories.user(), now=monday, not_before=monday + timedelta(seconds=10)
    )
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=9), always).handed_over == 0
    assert take_back(waiting.pk, now=monday).state == "draft"
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=11), always).handed_over == 0
    approve(waiting.pk, author=factories.user(), now=monday + timedelta(seconds=12))
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=12), always).sent == 1


def test_the_last_look_sends_holds_and_drops_what_the_automation_wrote(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    go, later, never_more = [factories.case(title, now=monday) for title in ("one", "two", "three")]
    mails = {}
    for case in (go, later, never_more):
        draft = save_draft(
            case.pk, Letter(to=[ANNA], text="Hi"), author=factories.user(), now=monday, origin="automatic"
        )
        mails[case.pk] = approve(draft.pk, author=factories.user(), now=monday)

    def last_look(messages: Sequence[DueMail], now: datetime) -> list[Answer]:
        assert [message.case_id for message in messages] == [go.pk, later.pk, never_more.pk]
        return [
            Go(mails[go.pk].pk, {"deadline": "2026-11-21"}),
            NotNow(mails[later.pk].pk, now + timedelta(minutes=3), "not read yet"),
            Drop(mails[never_more.pk].pk, "the customer answered"),
        ]

    report = send_due(mailbox.pk, clock, last_look)

    assert (report.sent, report.not_now, report.dropped) == (1, 1, 1)
    states = {pk: Message.objects.get(pk=message.pk) for pk, message in mails.items()}
    assert [states[case.pk].state for case in (go, later, never_more)] == ["sent", "approved", "discarded"]
    assert states[go.pk].evidence == {"deadline": "2026-11-21"}
    assert states[later.pk].not_before == monday + timedelta(minutes=3)
    assert len(mail_system.accepted) == 1
    assert b"Auto-Submitted: auto-generated" in mail_system.accepted[0].raw


def test_a_mail_that_gets_no_answer_from_the_last_look_is_not_sent(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    draft = save_draft(case.pk, Letter(to=[ANNA], text="Hi"), author=factories.user(), now=monday, origin="automatic")
    approve(draft.pk, author=factories.user(), now=monday)
    assert send_due(mailbox.pk, clock, lambda messages, now: []).not_now == 1
    assert mail_system.accepted == []


@pytest.mark.parametrize("step", [Step.RCPT, Step.DATA, Step.FINAL_DOT])
def test_a_4xx_is_tried_again_later_with_the_same_message_id(
    step: Step, case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    written = mail(case, monday)
    mail_system.refuse(ANNA, 451, "4.7.1 Greylisted", step, times=1)

    assert send_due(mailbox.pk, lambda: monday, always).tried_again_later == 1
    written.refresh_from_db()
    assert (written.state, written.attempts, written.claim) == ("approved", 1, None)
    assert "Greylisted" in written.server_reply
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=50), always).handed_over == 0

    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=70), always).sent == 1
    assert [written.message_id in accepted.raw.decode() for accepted in mail_system.accepted] == [True]


def test_a_5xx_is_final_marks_a_dead_address_and_the_case_is_looked_at(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    written = mail(case, monday)
    mail_system.refuse(ANNA, 550, "5.1.1 No such user")
    CaseReview.objects.update(review_at=None)

    assert send_due(mailbox.pk, clock, always).refused == 1
    written.refresh_from_db()
    case.refresh_from_db()
    assert (written.state, written.server_reply) == ("refused", "550 5.1.1 No such user")
    assert ContactAddress.objects.get(address=ANNA).undeliverable_since == monday
    assert case.next_move == "none"
    assert CaseReview.objects.get(case=case).review_at == monday


@pytest.mark.parametrize("delivered", [True, False])
def test_a_line_lost_after_the_final_dot_leaves_the_mail_unconfirmed_and_it_is_never_sent_again(
    delivered: bool, case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    written = mail(case, monday)
    mail_system.cut(ANNA, Step.FINAL_DOT, delivered=delivered, times=1)

    assert send_due(mailbox.pk, lambda: monday, always).unconfirmed == 1
    written.refresh_from_db()
    assert written.state == "unconfirmed"
    for hours in range(1, 5):
        recover(lambda h=hours: monday + timedelta(hours=h))  # type: ignore[misc]
        assert send_due(mailbox.pk, lambda h=hours: monday + timedelta(hours=h), always).handed_over == 0  # type: ignore[misc]
    assert len(mail_system.accepted) == int(delivered)


def test_a_server_that_is_gone_costs_no_mail_and_is_left_alone_for_longer_and_longer(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    first, second = mail(case, monday), mail(case, monday)
    mail_system.stop_smtp()
    sender = MailSender(mailbox.pk, lambda: monday, always)

    report = sender.send_due()

    assert (report.sent, report.not_begun) == (0, 1)
    mailbox.refresh_from_db()
    assert "refuses connections" in mailbox.sending_error
    assert mailbox.slow_down_until == monday + timedelta(seconds=5)
    first.refresh_from_db()
    assert (first.state, first.attempts) == ("approved", 0)

    mail_system.start_smtp()
    later = MailSender(mailbox.pk, lambda: monday + timedelta(minutes=2), always)
    assert later.send_due().sent == 2
    mailbox.refresh_from_db()
    assert (mailbox.sending_error, mailbox.slow_down_until) == ("", None)
    assert {Message.objects.get(pk=m.pk).state for m in (first, second)} == {"sent"}


def test_a_provider_that_puts_off_mail_after_mail_is_left_alone_for_a_while(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    for number in range(6):
        mail(factories.case(f"case {number}", now=monday), monday)
    mail_system.refuse("*", 450, "4.7.1 Too much mail from you", Step.RCPT)
    report = send_due(mailbox.pk, clock, always)
    assert (report.tried_again_later, report.not_begun) == (3, 3)
    mailbox.refresh_from_db()
    assert mailbox.slow_down_until == monday + timedelta(seconds=5)
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=4), always).handed_over == 0


def test_a_password_that_cannot_be_read_is_told_and_costs_no_mail(
    case: Case, mailbox: Mailbox, monday: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = mail(case, monday)
    monkeypatch.setenv("CASELOOP_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    assert "cannot be read with the present key" in send_due(mailbox.pk, clock, always).problem
    mailbox.refresh_from_db()
    written.refresh_from_db()
    assert "cannot be read with the present key" in mailbox.sending_error
    assert written.state == "approved"


def test_what_is_not_begun_within_the_limit_is_approved_again(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    for number in range(3):
        mail(factories.case(f"case {number}", now=monday), monday)
    mail_system.delay("*", 0.3, Step.FINAL_DOT)

    report = send_due(mailbox.pk, clock, always, Limits(begin_within=0.2))

    assert (report.sent, report.not_begun) == (1, 2)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["approved", "approved", "sent"]
    mail_system.behave()
    assert send_due(mailbox.pk, clock, always).sent == 2


def test_a_mailbox_keeps_to_its_limits_per_minute_and_day(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime
) -> None:
    Mailbox.objects.update(per_minute=2, per_day=3)
    for number in range(5):
        mail(factories.case(f"case {number}", now=monday), monday)
    assert send_due(mailbox.pk, lambda: monday, always).sent == 2
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=30), always).sent == 0
    assert send_due(mailbox.pk, lambda: monday + timedelta(seconds=60), always).sent == 1
    assert send_due(mailbox.pk, lambda: monday + timedelta(hours=23), always).sent == 0
    assert send_due(mailbox.pk, lambda: monday + timedelta(hours=25), always).sent == 2


def test_before_going_live_only_safe_addresses_are_reached_and_the_rest_waits(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    GlobalSettings.objects.update(is_live=False, safe_addresses=["Me@Contoso.example"])
    held = mail(factories.case("one", now=monday), monday)
    partly = mail(factories.case("two", now=monday), monday, cc=["me@contoso.example"])
    safe = mail(factories.case("three", now=monday), monday, to=["me@contoso.example"])

    assert send_due(mailbox.pk, clock, always).sent == 1
    assert [accepted.recipients for accepted in mail_system.accepted] == [("me@contoso.example",)]
    for message in (held, partly, safe):
        message.refresh_from_db()
    assert [held.state, partly.state, safe.state] == ["approved", "approved", "sent"]
    assert held.server_reply.startswith("Held: Caseloop is not live yet")

    GlobalSettings.objects.update(is_live=True)
    assert send_due(mailbox.pk, clock, always).sent == 2


def test_before_going_live_all_mail_can_go_to_one_address(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    GlobalSettings.objects.update(is_live=False, safe_redirect="me@contoso.example")
    written = mail(case, monday)
    assert send_due(mailbox.pk, clock, always).sent == 1
    assert mail_system.accepted[0].recipients == ("me@contoso.example",)
    written.refresh_from_db()
    assert written.server_reply.startswith("Safe start: sent to me@contoso.example instead.")


def test_a_mail_that_reached_only_those_in_copy_counts_as_refused_by_the_customer(
    case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    written = mail(case, monday, cc=["bob@cafe.example"])
    mail_system.refuse(ANNA, 552, "5.2.2 Mailbox full for good")
    assert send_due(mailbox.pk, clock, always).sent == 1
    written.refresh_from_db()
    assert (written.state, written.bounce) == ("sent", "refused")
    assert written.refused_recipients == {ANNA: "552 5.2.2 Mailbox full for good"}


@pytest.mark.parametrize("code, said", [(452, "4.2.2 Mailbox full"), (550, "5.7.1 Not from you")])
def test_a_mail_that_one_of_those_it_was_written_to_did_not_get_counts_as_refused(
    code: int, said: str, case: Case, mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    """As with a bounce for one of them: nobody may take the silence of the other for an answer (P3)."""
    written = mail(case, monday, to=[ANNA, "bob@cafe.example"])
    mail_system.refuse("bob@cafe.example", code, said)
    assert send_due(mailbox.pk, clock, always).sent == 1
    written.refresh_from_db()
    assert (written.state, written.bounce) == ("sent", "refused")
    assert written.refused_recipients == {"bob@cafe.example": f"{code} {said}"}


def test_a_mail_to_a_third_party_is_no_mail_to_the_customer(
    case: Case, mailbox: Mailbox, monday: datetime, clock: Clock
) -> None:
    forwarded = mail(case, monday, to=["supplier@parts.example"])
    assert send_due(mailbox.pk, clock, always).sent == 1
    case.refresh_from_db()
    assert (forwarded.letter, case.next_move, case.last_outbound_at) == ({"purpose": "internal"}, "none", None)
    assert not Participant.objects.get(address="supplier@parts.example").is_trusted


def test_a_discarded_mail_is_never_sent(case: Case, mailbox: Mailbox, monday: datetime, clock: Clock) -> None:
    discard(mail(case, monday).pk, now=monday)
    assert send_due(mailbox.pk, clock, always).handed_over == 0


def test_hundreds_of_mails_go_out_in_order_each_once(
    mailbox: Mailbox, mail_system: MailSystem, monday: datetime, clock: Clock
) -> None:
    written = [mail(factories.case(f"case {n}", now=monday), monday) for n in range(120)]
    sender = MailSender(mailbox.pk, clock, always)
    reports = [sender.send_due() for _ in range(8)]
    sender.close()
    assert sum(report.sent for report in reports) == 120
    arrived = [message_from_bytes(accepted.raw)["Message-ID"] for accepted in mail_system.accepted]
    assert arrived == [message.message_id for message in written]

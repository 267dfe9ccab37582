"""May this mail still go out? The last question before the hand-over, for automatic and for confirmed mails."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Activity, Case, CaseReview
from caseloop.domain.facts import ProtectionEffect
from caseloop.followups import standing
from caseloop.followups.approvals import approve
from caseloop.followups.models import ContactSlot, SuggestedAction
from caseloop.followups.rules import deactivate, stop_all_sending
from caseloop.mail.hand_over import Accepted, Refused, Reply, Stage
from caseloop.mail.models import InboundMail, Mailbox, MailDoubt, Message
from tests import factories
from tests.followups.loop import (
    TWO_DAYS,
    Post,
    a_rule,
    again,
    customer_wrote,
    look,
    look_after,
    manager,
    read_mailboxes,
    send,
    silent_case,
    silent_cases,
    we_wrote,
    with_draft,
    with_follow_up,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_the_kill_switch_stops_mails_that_are_approved_already(monday: datetime) -> None:
    """Spec 1.4: within seconds; and they are planned anew when it is lifted."""
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    stop_all_sending(True, actor=manager(), now=wednesday)
    assert send(wednesday + SECOND).dropped == 1
    assert (again(action).state, again(action.message).state) == ("superseded", "discarded")

    look(wednesday + SECOND)
    stop_all_sending(False, actor=manager(), now=wednesday + HOUR)
    read_mailboxes(wednesday + HOUR)
    look(wednesday + HOUR)
    assert send(wednesday + HOUR + SECOND).sent == 1
    assert SuggestedAction.objects.filter(case=case, state="done").count() == 1


def test_what_only_a_probe_can_prove_is_asked_for_once_a_minute(monday: datetime) -> None:
    """Nothing has come in for a day: a probe has to come back first, and is sent at most once an hour."""
    _, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    Mailbox.objects.update(last_arrival_at=wednesday - timedelta(hours=25))
    assert send(wednesday + SECOND).not_now == 1
    assert again(action.message).not_before == wednesday + SECOND + timedelta(minutes=1)
    assert Mailbox.objects.get().read_wanted_at == wednesday + SECOND


def test_a_proof_older_than_60_seconds_is_asked_for_again(monday: datetime) -> None:
    _, action = with_follow_up(monday)
    later = monday + TWO_DAYS + timedelta(seconds=61)
    assert send(later).not_now == 1
    assert Mailbox.objects.get().read_wanted_at == later
    read_mailboxes(later + SECOND)
    assert send(later + 3 * SECOND).sent == 1
    assert again(action).state == "done"


def test_mail_that_is_stored_and_not_processed_keeps_a_follow_up_back(monday: datetime) -> None:
    with_follow_up(monday)
    InboundMail.objects.create(
        mailbox=factories.mailbox(), folder="INBOX", uid=7, uidvalidity=1, raw=b"x", fetched_at=monday, digest=b"1" * 32
    )
    assert send(monday + TWO_DAYS + SECOND).not_now == 1


def test_what_would_have_to_wait_for_days_is_written_anew_when_its_time_has_come(monday: datetime) -> None:
    case, _action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    Case.objects.filter(pk=case.pk).update(hold_until=wednesday + timedelta(days=5))
    assert send(wednesday + SECOND).dropped == 1
    look(wednesday + SECOND)
    assert CaseReview.objects.get(case=case).review_at == wednesday + timedelta(days=5)


def test_one_odd_case_keeps_its_own_mail_back_and_nobody_elses(monday: datetime) -> None:
    a_rule("full", monday - timedelta(days=1))
    odd, fine = silent_cases(2, monday)
    look(monday)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    look(wednesday)
    Message.objects.filter(case=odd, state="sent").update(bounce="nonsense")
    report = send(wednesday + SECOND)
    assert (report.sent, report.not_now) == (1, 1)
    assert Message.objects.get(case=fine, origin="automatic").state == "sent"
    assert "nonsense" in Message.objects.get(case=odd, origin="automatic").server_reply


# the contact budget


def _two_cases_of_anna(monday: datetime) -> tuple[Case, Case]:
    a_rule("full", monday)
    first, second = factories.case(now=monday), factories.case(now=monday)
    for case in (first, second):
        we_wrote(case, monday)
    look(monday)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    look(wednesday)
    return first, second


def test_two_cases_of_one_customer_send_one_automatic_mail_in_24_hours(monday: datetime) -> None:
    """Spec 3.12: also when both are approved in the same batch and claimed together."""
    _two_cases_of_anna(monday)
    wednesday = monday + TWO_DAYS
    report = send(wednesday + SECOND)
    assert (report.sent, report.not_now) == (1, 1)
    read_mailboxes(wednesday + 23 * HOUR)
    assert send(wednesday + 23 * HOUR + SECOND).sent == 0


def test_a_mail_with_one_busy_recipient_takes_no_slot_of_the_other(monday: datetime) -> None:
    _, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    Message.objects.filter(pk=action.message_id).update(to_addresses=["anna@cafe.example", "ben@cafe.example"])
    ContactSlot.objects.create(address="ben@cafe.example", taken_at=wednesday - HOUR, message_id=0)
    assert send(wednesday + SECOND).not_now == 1
    assert not ContactSlot.objects.filter(address="anna@cafe.example").exists()


def test_a_mail_that_the_server_refused_gives_its_slot_back(monday: datetime) -> None:
    _two_cases_of_anna(monday)
    wednesday = monday + TWO_DAYS
    refusing = Post(answer=lambda raw: Refused(550, "5.7.1 no", Stage.RCPT))
    report = send(wednesday + SECOND, refusing)
    assert (report.refused, report.not_now) == (1, 1)
    later = wednesday + timedelta(minutes=11)
    read_mailboxes(later)
    assert send(later).sent == 1


def test_a_mail_dropped_after_it_had_a_slot_gives_it_back(monday: datetime) -> None:
    _two_cases_of_anna(monday)
    wednesday = monday + TWO_DAYS
    mails = Message.objects.filter(origin="automatic").order_by("pk")
    ContactSlot.objects.create(address="anna@cafe.example", taken_at=wednesday, message_id=mails[0].pk)
    mails.filter(pk=mails[0].pk).update(state="discarded")
    assert send(wednesday + SECOND).sent == 1


def test_a_follow_up_that_one_of_two_did_not_get_has_its_case_looked_at_at_once(monday: datetime) -> None:
    """Its silence proves nothing, so the look that was planned for the end of the wait would be too late."""
    case, action = with_follow_up(monday)
    now = monday + TWO_DAYS + SECOND
    Message.objects.filter(pk=action.message_id).update(to_addresses=["anna@cafe.example", "ben@cafe.example"])
    partly = Accepted("250 2.0.0 OK", {"ben@cafe.example": Reply(550, "5.1.1 No such user")})
    assert send(now, Post(answer=lambda raw: partly)).sent == 1
    assert CaseReview.objects.get(case=case).review_at == now


# what a person has sent off


def test_a_confirmed_follow_up_does_not_go_out_after_the_customer_asked_for_time(monday: datetime) -> None:
    """P2: a deferral ends no series, but it is an answer all the same."""
    case, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approve(action.pk, actor=factories.user(), now=wednesday)
    customer_wrote(case, wednesday + SECOND, "I need until Friday.", "deferral")
    assert send(wednesday + 2 * SECOND).dropped == 1
    assert (
        Activity.objects.get(case=case, subject="Mail not sent").body
        == "It was not sent: the customer wrote meanwhile."
    )


def test_a_mail_of_ones_own_and_the_confirmed_follow_up_do_not_both_go_out(monday: datetime) -> None:
    """P1: never two within one wait."""
    case, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approve(action.pk, actor=factories.user(), now=wednesday)
    own = we_wrote(case, wednesday + SECOND, state="approved", sent_at=None)
    report = send(wednesday + 2 * SECOND)
    assert (report.sent, report.dropped) == (1, 1)
    assert (again(own).state, again(action.message).state) == ("sent", "discarded")


@pytest.mark.parametrize("what", ["protected", "rule off", "doubt", "bounced", "status"])
def test_what_came_between_stops_a_confirmed_follow_up(what: str, monday: datetime) -> None:
    case, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approve(action.pk, actor=factories.user(), now=wednesday)
    if what == "protected":
        protection = standing.NewProtection(name="Lawyers", effect=ProtectionEffect.NEVER, case=case)
        standing.protect(protection, actor=manager(), now=wednesday)
    elif what == "rule off":
        assert action.enrolment is not None
        deactivate(action.enrolment.rule_id, actor=manager(), now=wednesday)
    elif what == "doubt":
        other = factories.case("Other", now=monday)
        MailDoubt.objects.create(message=customer_wrote(other, wednesday), case=case, asked_at=wednesday, reason="?")
    elif what == "bounced":
        Message.objects.filter(case=case, state="sent").update(bounce="permanent")
    else:
        Case.objects.filter(pk=case.pk).update(no_automation=True)
    assert send(wednesday + SECOND).dropped == 1
    assert again(action).state == "superseded"
    assert Activity.objects.filter(case=case, subject="Mail not sent").exists()


def test_a_confirmed_follow_up_goes_out_while_everything_automatic_is_stopped(monday: datetime) -> None:
    """Spec 1.4: people can go on writing."""
    _, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approve(action.pk, actor=factories.user(), now=wednesday)
    GlobalSettings.objects.update(stopped_at=wednesday)
    assert send(wednesday + SECOND).sent == 1


def test_a_last_mail_whose_closing_date_comes_too_soon_by_now_is_not_sent(monday: datetime) -> None:
    _, action = with_follow_up(monday, follow_ups=2)
    assert action.message is not None
    Message.objects.filter(pk=action.message_id).update(closes_on=date(2026, 11, 26))  # two days are to follow
    assert send(monday + TWO_DAYS + SECOND).dropped == 1


# the closing notice


def _with_notice(monday: datetime) -> tuple[Case, Message, datetime]:
    case = silent_case("full", monday, follow_ups=1, sends_closing_notice=True)
    wednesday = monday + TWO_DAYS
    look_after(case, wednesday)
    assert again(case).status == "resolved"
    return case, Message.objects.get(case=case, state="approved"), wednesday


def test_a_closing_notice_is_no_follow_up_and_goes_out_once_the_case_is_closed(monday: datetime) -> None:
    _, notice, wednesday = _with_notice(monday)
    assert send(wednesday + SECOND).sent == 1
    assert again(notice).letter["purpose"] == "closing_notice"


def test_a_closing_notice_waits_for_the_contact_budget(monday: datetime) -> None:
    """Spec 3.12: it is automatic mail."""
    _, _, wednesday = _with_notice(monday)
    ContactSlot.objects.create(address="anna@cafe.example", taken_at=wednesday - HOUR, message_id=0)
    assert send(wednesday + SECOND).not_now == 1


def test_a_closing_notice_waits_for_the_sending_times(monday: datetime) -> None:
    """Spec 4.8: every automatic mail falls into them."""
    _, _, wednesday = _with_notice(monday)
    assert send(wednesday.replace(hour=23)).not_now == 1
    assert send(wednesday.replace(hour=23) + timedelta(hours=10)).sent == 1


def test_a_closing_notice_does_not_go_after_an_answer(monday: datetime) -> None:
    case, _notice, wednesday = _with_notice(monday)
    customer_wrote(case, wednesday + SECOND)
    assert send(wednesday + 2 * SECOND).dropped == 1


def test_a_stopped_closing_notice_goes_later_or_somebody_can_see_that_it_did_not(monday: datetime) -> None:
    case, _notice, wednesday = _with_notice(monday)
    GlobalSettings.objects.update(stopped_at=wednesday)
    assert send(wednesday + SECOND).not_now == 1
    assert send(wednesday + timedelta(days=4)).dropped == 1
    assert Activity.objects.filter(case=case, subject="Mail not sent").exists()


def test_the_number_of_queries_of_a_claim_does_not_grow_with_its_mails(monday: datetime) -> None:
    def queries(number: int) -> int:
        a_rule("full", monday - timedelta(days=1))
        silent_cases(number, monday)
        look(monday)
        GlobalSettings.objects.update(guard_first_hour=1000, guard_per_day=1000, guard_share_percent=100)
        wednesday = monday + TWO_DAYS
        read_mailboxes(wednesday)
        look(wednesday)
        with CaptureQueriesContext(connection) as seen:
            assert send(wednesday + SECOND).sent == min(number, 20)
        return len([q for q in seen if "mail_sendingclaim" not in q["sql"]])  # results are recorded every few mails

    with transaction.atomic():
        few = queries(3)
        transaction.set_rollback(True)
    assert queries(60) <= few + 4

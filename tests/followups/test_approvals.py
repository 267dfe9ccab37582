"""What a person decides on the card and about a series: each verb once, in any order, and nothing is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case, CaseReview, StatusReason
from caseloop.cases.resolving import ResolutionDetails, resolve_case
from caseloop.domain.facts import Label
from caseloop.followups import approvals
from caseloop.followups.errors import CustomerWroteMeanwhile, FollowUpError
from caseloop.followups.models import Enrolment, Reading, SuggestedAction
from caseloop.mail.errors import MailError
from caseloop.mail.models import MailDoubt, Message
from tests import factories
from tests.followups.loop import (
    TWO_DAYS,
    a_rule,
    again,
    customer_wrote,
    look,
    look_after,
    manager,
    read_mailboxes,
    send,
    silent_case,
    we_wrote,
    with_draft,
    with_follow_up,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def edited(**fields: object) -> approvals.Edited:
    plain = {"to": ("anna@cafe.example",), "cc": (), "subject": "Your grinder", "body": "Does it work?", **fields}
    return approvals.Edited(**plain)  # type: ignore[arg-type]


# approve and take back


def test_a_draft_is_sent_off_once(monday: datetime) -> None:
    _, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approvals.approve(action.pk, actor=factories.user(), now=wednesday)
    with pytest.raises(FollowUpError, match="no draft to send"):
        approvals.approve(action.pk, actor=factories.user(), now=wednesday)
    assert send(wednesday + SECOND).sent == 1
    with pytest.raises(FollowUpError, match="done already"):
        approvals.approve(action.pk, actor=factories.user(), now=wednesday + SECOND)


def test_a_follow_up_is_refused_while_a_mail_may_answer_its_case(monday: datetime) -> None:
    """Spec 3.14: the person hears it now, and not from a mail that silently stayed away."""
    case, action = with_draft(monday)
    other = factories.case("Other", now=monday)
    MailDoubt.objects.create(message=customer_wrote(other, monday + HOUR), case=case, asked_at=monday, reason="?")
    with pytest.raises(FollowUpError, match="a mail may answer this case too"):
        approvals.approve(action.pk, actor=factories.user(), now=monday + TWO_DAYS)


def test_a_follow_up_is_refused_after_a_call_of_the_customer(monday: datetime) -> None:
    from caseloop.cases.changes import log_contact
    from caseloop.cases.models.activity import ActivityKind, Direction

    case, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    log_contact(case.pk, ActivityKind.PHONE_CALL, Direction.IN, "Works", actor=factories.user(), now=wednesday + SECOND)
    with pytest.raises(CustomerWroteMeanwhile):
        approvals.approve(action.pk, actor=factories.user(), now=wednesday + 2 * SECOND)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"to": ("eve@elsewhere.example",)}, FollowUpError),
        ({"cc": ("eve@elsewhere.example",)}, FollowUpError),
        ({"to": ()}, FollowUpError),
        ({"to": ("anna@cafe.example\r\nBcc: eve@elsewhere.example",)}, MailError),
        ({"body": "  "}, FollowUpError),
    ],
)
def test_an_edited_follow_up_goes_to_nobody_new_and_is_a_whole_mail(
    said: dict[str, object], error: type[Exception], monday: datetime
) -> None:
    _, action = with_draft(monday)
    with pytest.raises(error):
        approvals.approve(action.pk, actor=factories.user(), now=monday + TWO_DAYS, edited=edited(**said))
    assert (again(action).state, again(action.message).state) == ("proposed", "draft")


def test_an_edited_mail_keeps_its_case_number_and_its_addresses_tidy(monday: datetime) -> None:
    case, action = with_draft(monday)
    message = approvals.approve(
        action.pk, actor=factories.user(), now=monday + TWO_DAYS, edited=edited(to=(" Anna@Cafe.example ",))
    )
    assert (message.to_addresses, message.subject) == (["anna@cafe.example"], f"Your grinder [{case.number}]")


def test_a_mail_taken_back_is_a_draft_again_and_can_be_sent_off_again(monday: datetime) -> None:
    _, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approvals.approve(action.pk, actor=factories.user(), now=wednesday, undo_for=10 * SECOND)
    approvals.take_back(action.pk, actor=factories.user(), now=wednesday + 2 * SECOND)
    look(wednesday + 2 * SECOND)
    assert (again(action).state, again(action.message).state) == ("proposed", "draft")
    approvals.approve(action.pk, actor=factories.user(), now=wednesday + 3 * SECOND)
    assert send(wednesday + 4 * SECOND).sent == 1


def test_a_mail_that_is_being_sent_cannot_be_taken_back(monday: datetime) -> None:
    _, action = with_draft(monday)
    approvals.approve(action.pk, actor=factories.user(), now=monday + TWO_DAYS)
    Message.objects.filter(pk=action.message_id).update(state="sending")
    with pytest.raises(FollowUpError, match="too late"):
        approvals.take_back(action.pk, actor=factories.user(), now=monday + TWO_DAYS)
    assert again(action).state == "approved"


def test_the_assistants_own_mail_is_not_turned_into_a_draft_that_it_would_send_again(monday: datetime) -> None:
    _, action = with_follow_up(monday)
    with pytest.raises(FollowUpError, match="by itself"):
        approvals.take_back(action.pk, actor=factories.user(), now=monday + TWO_DAYS)


# discard, complete, skip, stop


def test_a_discarded_draft_leaves_its_suggestion_and_a_dismissed_suggestion_comes_again(monday: datetime) -> None:
    """P5: the series waits for a person; it must not wait in nobody's list."""
    case, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approvals.discard(action.pk, actor=factories.user(), now=wednesday)
    look(wednesday)
    assert (again(action).state, again(action).message_id) == ("proposed", None)
    approvals.discard(action.pk, actor=factories.user(), now=wednesday)
    look(wednesday)
    assert again(action).state == "discarded"
    assert SuggestedAction.objects.get(case=case, state="proposed").step == 2


@pytest.mark.parametrize("verb", [approvals.discard, approvals.complete])
def test_what_was_sent_off_is_neither_discarded_nor_completed(verb: object, monday: datetime) -> None:
    _, action = with_draft(monday)
    approvals.approve(action.pk, actor=factories.user(), now=monday + TWO_DAYS, undo_for=10 * SECOND)
    with pytest.raises(FollowUpError, match="sent off already"):
        verb(action.pk, actor=factories.user(), now=monday + TWO_DAYS)  # type: ignore[operator]
    assert send(monday + TWO_DAYS + 11 * SECOND).sent == 1


def test_skipping_keeps_the_assistants_approved_mail_from_going_and_starts_a_wait(monday: datetime) -> None:
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    approvals.skip(case.pk, actor=factories.user(), now=wednesday)
    look(wednesday)
    assert (again(action).state, again(action.message).state) == ("skipped", "discarded")
    assert send(wednesday + SECOND).sent == 0
    assert CaseReview.objects.get(case=case).review_at == wednesday + timedelta(hours=48)


def test_nothing_is_skipped_while_a_mail_of_a_person_is_on_its_way(monday: datetime) -> None:
    case, action = with_draft(monday)
    approvals.approve(action.pk, actor=factories.user(), now=monday + TWO_DAYS, undo_for=10 * SECOND)
    with pytest.raises(FollowUpError, match="being sent"):
        approvals.skip(case.pk, actor=factories.user(), now=monday + TWO_DAYS)


def test_a_mail_that_has_gone_out_this_moment_cannot_be_skipped(monday: datetime) -> None:
    """The server has taken it, and the worker has not yet written down what follows: it counts once, as a mail."""
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    Message.objects.filter(action=action).update(state="sent", sent_at=wednesday)
    with pytest.raises(FollowUpError, match="being sent already"):
        approvals.skip(case.pk, actor=factories.user(), now=wednesday)


def test_skipping_the_last_mail_leads_to_a_closing_that_a_person_confirms(monday: datetime) -> None:
    """The customer was not told a closing date, so the assistant doesn't close by itself (spec 3.4)."""
    case, _ = with_follow_up(monday, follow_ups=2, closes_without_notice=False)
    wednesday = monday + TWO_DAYS
    approvals.skip(case.pk, actor=factories.user(), now=wednesday)
    friday = wednesday + TWO_DAYS
    look_after(case, friday)
    assert again(case).status == "active"
    action = SuggestedAction.objects.get(case=case, state="proposed")
    assert (action.kind, action.reason) == ("resolve_case", "no_notice_given")


def test_a_stopped_series_does_not_begin_again_before_our_next_mail(monday: datetime) -> None:
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    approvals.stop(case.pk, actor=factories.user(), now=wednesday)
    look(wednesday)
    assert send(wednesday + SECOND).sent == 0
    assert again(action.message).state == "discarded"
    assert not Enrolment.objects.filter(state="running").exists()
    we_wrote(case, wednesday + HOUR)
    look(wednesday + HOUR)
    assert Enrolment.objects.filter(state="running").exists()


def test_a_series_stopped_while_its_mail_was_being_handed_over_stays_stopped(monday: datetime) -> None:
    """The mail was approved before the stop: it is not *our next mail* (spec 2.5)."""
    case, action = with_follow_up(monday)
    wednesday = monday + TWO_DAYS
    Message.objects.filter(pk=again(action).message.pk).update(state="sending")
    approvals.stop(case.pk, actor=factories.user(), now=wednesday)
    Message.objects.filter(pk=again(action).message.pk).update(
        state="sent", sent_at=wednesday + SECOND, approved_at=wednesday - SECOND
    )
    look_after(case, wednesday + 2 * SECOND)
    assert not Enrolment.objects.filter(state="running").exists()


# what an answer means


def test_a_wrong_favorable_reading_corrected_to_negative_reaches_a_person(monday: datetime) -> None:
    """Spec 3.6: the plan is made anew."""
    case = silent_case("full", monday)
    answer = customer_wrote(case, monday + HOUR, label="favorable")
    look(monday + HOUR)
    assert Enrolment.objects.get(case=case).end_reason == "favorable"
    approvals.correct_reading(answer.pk, Label.NEGATIVE, actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    card = SuggestedAction.objects.get(case=case, state="proposed")
    assert (card.kind, card.answered_message) == ("reply_to_customer", answer)
    assert (Reading.objects.get().label, Reading.objects.get().first_label) == ("negative", "favorable")


def test_a_case_closed_on_a_wrong_favorable_reading_is_open_again_when_it_is_corrected(monday: datetime) -> None:
    case = silent_case("full", monday, on_favorable="resolve")
    answer = customer_wrote(case, monday + HOUR, label="favorable")
    look_after(case, monday + HOUR + SECOND)
    assert again(case).status == "resolved"
    approvals.correct_reading(answer.pk, Label.QUESTION, actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    assert again(case).status == "active"
    assert SuggestedAction.objects.get(case=case, state="proposed").kind == "reply_to_customer"


def test_a_late_answer_taken_for_thanks_reopens_its_case_when_it_is_corrected(monday: datetime) -> None:
    case = factories.case(now=monday)
    we_wrote(case, monday)
    GlobalSettings.current()
    GlobalSettings.objects.update(is_on=True)
    solved = ResolutionDetails(status_reason=StatusReason.objects.get(key="problem_solved"))
    resolve_case(case.pk, solved, actor=factories.user(), now=monday + SECOND)
    answer = customer_wrote(case, monday + HOUR, label="favorable")
    look(monday + HOUR)
    assert again(case).status == "resolved"
    approvals.correct_reading(answer.pk, Label.NEGATIVE, actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    assert again(case).status == "active"


@pytest.mark.parametrize("was", ["negative", "favorable"])
def test_an_answer_that_only_asked_for_time_lets_its_series_run_on(was: str, monday: datetime) -> None:
    case = silent_case("full", monday)
    answer = customer_wrote(case, monday + HOUR, label=was)
    look(monday + HOUR)
    assert not Enrolment.objects.filter(state="running").exists()
    approvals.correct_reading(answer.pk, Label.DEFERRAL, actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    assert Enrolment.objects.get(case=case).state == "running"
    assert not SuggestedAction.objects.filter(case=case, state="proposed").exists()
    assert CaseReview.objects.get(case=case).review_at == monday + 49 * HOUR


def test_a_deferral_corrected_to_a_question_hands_the_running_series_to_a_person(monday: datetime) -> None:
    case = silent_case("full", monday)
    answer = customer_wrote(case, monday + HOUR, label="deferral")
    look(monday + HOUR)
    approvals.correct_reading(answer.pk, Label.QUESTION, actor=factories.user(), now=monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    assert Enrolment.objects.get(case=case).end_reason == "answered"
    assert SuggestedAction.objects.get(case=case, state="proposed").answered_message == answer


def test_a_correction_after_somebody_has_replied_asks_nobody_again(monday: datetime) -> None:
    case = silent_case("confirm", monday)
    answer = customer_wrote(case, monday + HOUR, label="favorable")
    look(monday + HOUR)
    Message.objects.filter(pk=answer.pk).update(opened_at=monday + HOUR)
    we_wrote(case, monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    approvals.correct_reading(answer.pk, Label.NEGATIVE, actor=factories.user(), now=monday + 3 * HOUR)
    look(monday + 3 * HOUR)
    assert not SuggestedAction.objects.filter(case=case, state="proposed").exists()


def test_continuing_gives_a_full_wait_and_then_a_follow_up(monday: datetime) -> None:
    case = silent_case("full", monday)
    customer_wrote(case, monday + HOUR, label="information")
    look(monday + HOUR)
    approvals.continue_follow_ups(case.pk, actor=factories.user(), now=monday + 3 * HOUR)
    look(monday + 3 * HOUR)
    assert CaseReview.objects.get(case=case).review_at == monday + 51 * HOUR
    read_mailboxes(monday + 51 * HOUR + SECOND)
    look(monday + 51 * HOUR + 2 * SECOND)
    assert send(monday + 51 * HOUR + 3 * SECOND).sent == 1


def test_an_answer_that_crossed_our_reply_keeps_its_card_when_the_reply_has_gone(monday: datetime) -> None:
    case = silent_case("confirm", monday)
    own = we_wrote(case, monday + HOUR, state="approved", sent_at=None)
    answer = customer_wrote(case, monday + HOUR + SECOND, label="negative")
    look(monday + HOUR + 2 * SECOND)
    card = SuggestedAction.objects.get(case=case)
    assert send(monday + HOUR + 3 * SECOND).sent == 1
    assert (again(own).state, again(card).state, card.answered_message) == ("sent", "proposed", answer)


def test_an_auditor_decides_nothing(monday: datetime) -> None:
    from caseloop.accounts.models import Role
    from caseloop.cases.errors import NotAllowed

    case, action = with_draft(monday)
    auditor = factories.user("ada", Role.AUDITOR)
    for verb in (approvals.approve, approvals.discard, approvals.complete):
        with pytest.raises(NotAllowed):
            verb(action.pk, actor=auditor, now=monday)
    with pytest.raises(NotAllowed):
        approvals.stop(case.pk, actor=auditor, now=monday)


def test_opening_an_answer_that_our_mail_crossed_lets_the_case_go_on(monday: datetime) -> None:
    """P5: until it was opened the case stood in the list of unread mail; then in none."""
    from caseloop.mail.opening import mark_opened

    a_rule("full", monday)
    case = factories.case(now=monday)
    answer = customer_wrote(case, monday, label="question")
    we_wrote(case, monday + HOUR)
    look(monday + HOUR)
    assert not Enrolment.objects.exists()
    mark_opened([answer.pk], monday + 2 * HOUR)
    look(monday + 2 * HOUR)
    assert Enrolment.objects.get(case=case).state == "running"


def test_resolving_by_hand_ends_the_series_and_what_was_suggested(monday: datetime) -> None:
    case, action = with_draft(monday)
    solved = ResolutionDetails(status_reason=StatusReason.objects.get(key="problem_solved"))
    approvals.resolve(case.pk, solved, actor=factories.user(), now=monday + TWO_DAYS)
    assert (again(action).state, Enrolment.objects.get().end_reason) == ("superseded", "not_active")
    assert Case.objects.get(pk=case.pk).status == "resolved"
    assert manager().may_configure

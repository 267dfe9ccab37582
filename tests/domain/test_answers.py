"""What follows from the words of a customer, and which of them has nobody dealt with? (spec 3.2, 3.6, 3.14, P2)"""

from dataclasses import replace

import pytest

from caseloop.domain.actions import (
    AskForReply,
    AskPerson,
    End,
    FollowUp,
    ReadReply,
    Reason,
    Resolve,
    SuggestionKind,
    Wait,
)
from caseloop.domain.calendar import Pause
from caseloop.domain.facts import Answer, Failure, Label, ProtectionEffect, Source, Switches, Verdict
from caseloop.domain.lifecycle import MessageState
from caseloop.domain.policy import Level, OnFavorable
from tests.domain.builders import (
    a_case,
    a_rule,
    a_series,
    answer,
    at,
    away,
    by_agent,
    by_person,
    call_of_customer,
    decided,
    said,
)

FIRST = by_person("Mon 2026-11-23 10:00")
SECOND = by_agent("Wed 2026-11-25 10:00")
TUESDAY = "Tue 2026-11-24 14:00"
RESOLVES = a_rule(on_favorable=OnFavorable.RESOLVE)


def test_a_mail_that_nobody_has_read_goes_to_the_reader():
    unread = answer(TUESDAY)

    assert decided(a_series(FIRST, unread), TUESDAY) == ReadReply(
        message_id=unread.message_id or 0, reason=Reason.ANSWERED
    )


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("label", [Label.NEGATIVE, Label.QUESTION, Label.INFORMATION, Label.UNCLEAR])
def test_the_series_stops_at_both_levels_and_a_person_gets_a_draft(label, level):
    wrote = answer(TUESDAY, label)

    action = decided(a_series(FIRST, wrote, rule=a_rule(level=level)), "Wed 2026-11-25 10:00")

    assert isinstance(action, AskForReply)
    assert (action.message_id, action.detail) == (wrote.message_id, label.value)


def test_a_call_of_the_customer_ends_the_series():
    assert decided(a_series(FIRST, call_of_customer(TUESDAY)), TUESDAY) == End(reason=Reason.ANSWERED)


def test_a_pressed_button_without_a_reading_goes_to_a_person_not_away():
    pressed = Answer(at=at(TUESDAY), source=Source.BUTTON)

    assert isinstance(decided(a_series(FIRST, pressed), TUESDAY), AskForReply)


def test_thanks_on_wednesday_does_not_cover_the_question_of_tuesday():
    question, thanks = answer(TUESDAY, Label.QUESTION), answer("Wed 2026-11-25 09:00", Label.FAVORABLE)

    action = decided(a_series(FIRST, question, thanks, rule=RESOLVES), "Wed 2026-11-25 09:01")

    assert isinstance(action, AskForReply)
    assert action.message_id == question.message_id


def test_solved_and_then_not_yet_goes_to_a_person():
    solved, not_yet = answer(TUESDAY, Label.FAVORABLE), answer("Tue 2026-11-24 14:05", Label.DEFERRAL)

    assert said(decided(a_series(FIRST, solved, not_yet, rule=RESOLVES), TUESDAY)) == "AskForReply: answered"
    assert isinstance(decided(a_series(FIRST, not_yet, answer("Tue 2026-11-24 15:00", Label.FAVORABLE)), TUESDAY), End)


def test_of_two_answers_the_angry_one_is_shown():
    angry, asks = answer(TUESDAY, Label.NEGATIVE), answer("Wed 2026-11-25 09:00", Label.QUESTION)

    action = decided(a_series(FIRST, angry, asks), "Wed 2026-11-25 09:01")

    assert isinstance(action, AskForReply)
    assert action.message_id == angry.message_id


def test_a_follow_up_that_crossed_the_answer_does_not_count_as_our_reply():
    """The answer was fetched at 10:00:30, while our mail of 10:00 was being handed over until 10:01."""
    crossing = by_agent("Wed 2026-11-25 10:01", approved_at=at("Wed 2026-11-25 10:00"), closes="2026-11-27")
    question = answer(at("Wed 2026-11-25 10:00"), Label.QUESTION)

    action = decided(a_series(FIRST, crossing, question, rule=a_rule(follow_ups=2)), "Fri 2026-11-27 12:00")

    assert isinstance(action, AskForReply)


def test_nor_does_a_follow_up_after_an_answer_that_was_opened_but_not_dealt_with():
    question = answer(TUESDAY, Label.QUESTION, is_opened=True)

    assert isinstance(decided(a_series(FIRST, question, SECOND), "Fri 2026-11-27 12:00"), AskForReply)


def test_nor_does_a_mail_that_its_writer_had_sent_before_the_answer_came():
    crossing = by_person("Tue 2026-11-24 14:01", approved_at=at("Tue 2026-11-24 13:59"))
    question = answer(TUESDAY, Label.QUESTION, is_opened=True)

    assert isinstance(decided(a_series(FIRST, crossing, question), "Thu 2026-11-26 15:00"), AskForReply)


def test_a_reply_by_a_person_after_the_answer_was_opened_deals_with_it():
    question = answer(TUESDAY, Label.QUESTION, is_opened=True)
    reply = by_person("Tue 2026-11-24 16:00")

    case = a_case(FIRST, question, reply)

    assert said(decided(case, "Tue 2026-11-24 16:01")) == "Start: started"
    running = a_series(FIRST, question, reply, since="Tue 2026-11-24 16:01")
    assert isinstance(decided(running, "Thu 2026-11-26 16:00"), FollowUp)


def test_a_mail_by_a_person_does_not_deal_with_an_answer_that_nobody_opened():
    question = answer("Tue 2026-11-24 15:59", Label.QUESTION)
    unaware = by_person("Tue 2026-11-24 16:00")

    assert said(decided(a_case(FIRST, question, unaware), "Tue 2026-11-24 16:01")) == "Wait: unread"
    running = a_series(FIRST, question, unaware, since="Tue 2026-11-24 16:01")
    assert isinstance(decided(running, "Thu 2026-11-26 16:00"), AskForReply)


def test_a_reply_that_the_server_refused_was_no_reply():
    question = answer(TUESDAY, Label.QUESTION, is_opened=True)
    refused = by_person("Tue 2026-11-24 16:00", state=MessageState.REFUSED)

    assert isinstance(decided(a_series(FIRST, question, refused), "Thu 2026-11-26 16:00"), AskForReply)


def test_skipping_a_follow_up_does_not_skip_the_answer():
    question = answer(TUESDAY, Label.QUESTION)
    case = a_series(FIRST, question, skips=(at("Tue 2026-11-24 15:00"),))

    assert isinstance(decided(case, "Thu 2026-11-26 16:00"), AskForReply)


def test_a_person_says_continue_on_thursday_and_the_customer_gets_a_full_wait_from_then():
    told = answer(
        TUESDAY, Label.INFORMATION, verdict=Verdict.CONTINUE, verdict_at="Thu 2026-11-26 09:00", is_opened=True
    )
    case = a_series(FIRST, told)

    waiting = decided(case, "Fri 2026-11-27 10:00")

    assert isinstance(waiting, Wait)
    assert waiting.until == at("Sat 2026-11-28 09:00")
    going_on = decided(case, "Sat 2026-11-28 09:00")
    assert isinstance(going_on, FollowUp)
    assert going_on.step == 2


def test_after_continue_the_next_act_is_a_mail_even_when_all_were_sent():
    last = by_agent("Fri 2026-11-27 10:00", closes="2026-11-29")
    told = answer("Sat 2026-11-28 10:00", Label.INFORMATION, verdict=Verdict.CONTINUE)

    action = decided(a_series(FIRST, SECOND, last, told), "Mon 2026-11-30 10:00")

    assert isinstance(action, FollowUp)
    assert (action.step, action.is_last) == (3, True)


def test_continue_covers_everything_that_had_come_in_by_then():
    question = answer(TUESDAY, Label.QUESTION)
    told = answer(
        "Tue 2026-11-24 15:00", Label.INFORMATION, verdict=Verdict.CONTINUE, verdict_at="Wed 2026-11-25 09:00"
    )
    call = call_of_customer("Tue 2026-11-24 17:00")

    assert isinstance(decided(a_series(FIRST, question, told, call), "Wed 2026-11-25 10:00"), Wait)
    later = answer("Wed 2026-11-25 09:30", Label.QUESTION)
    assert isinstance(decided(a_series(FIRST, question, told, call, later), "Wed 2026-11-25 10:00"), AskForReply)


def test_continue_lets_a_series_begin_that_had_ended():
    told = answer(TUESDAY, Label.INFORMATION, verdict=Verdict.CONTINUE)

    assert said(decided(a_case(FIRST, told), "Wed 2026-11-25 09:00")) == "Start: started"


def test_no_reply_needed_ends_the_series_until_our_next_mail():
    told = answer(TUESDAY, Label.INFORMATION, verdict=Verdict.NO_REPLY_NEEDED, is_opened=True)

    assert decided(a_series(FIRST, told), TUESDAY) == End(reason=Reason.NO_REPLY_NEEDED)
    assert said(decided(a_case(FIRST, told), "Fri 2026-11-27 10:00")) == "Wait: no_reply_needed"
    later = by_person("Mon 2026-11-30 10:00")
    assert said(decided(a_case(FIRST, told, later), "Mon 2026-11-30 10:01")) == "Start: started"


def test_the_wrong_person_answered():
    wrong = answer(TUESDAY, Label.INFORMATION, is_wrong_person=True)

    action = decided(a_series(FIRST, wrong), TUESDAY)

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (Reason.WRONG_PERSON, True)


@pytest.mark.parametrize("label, until", [(Label.FAVORABLE, None), (Label.DEFERRAL, "2026-11-27")])
def test_a_sender_we_cannot_be_sure_of_neither_ends_a_series_well_nor_moves_a_date(label, until):
    unsure = answer(TUESDAY, label, until, is_trusted=False)

    action = decided(a_series(FIRST, unsure, rule=RESOLVES), TUESDAY)

    assert isinstance(action, AskForReply)
    assert action.reason is Reason.UNTRUSTED_ANSWER


@pytest.mark.parametrize(
    "stop",
    [
        {"switches": Switches(is_stopped=True)},
        {"doubts": (9,)},
        {"pauses": (Pause(at("Mon 2026-11-23 12:00"), None),)},
        {"hold_until": at("Mon 2026-12-07 10:00")},
        {"contact_is_upset": True},
    ],
)
def test_what_stops_the_mail_does_not_hide_an_angry_answer(stop):
    case = replace(a_series(FIRST, answer(TUESDAY, Label.NEGATIVE)), **stop)

    assert isinstance(decided(case, TUESDAY), AskForReply)


def test_solved_says_the_customer_and_the_rule_keeps_the_case():
    assert decided(a_series(FIRST, answer(TUESDAY, Label.FAVORABLE)), TUESDAY) == End(reason=Reason.FAVORABLE)


def test_solved_and_the_rule_suggests_resolving():
    rule = a_rule(on_favorable=OnFavorable.SUGGEST)

    action = decided(a_series(FIRST, answer(TUESDAY, Label.FAVORABLE), rule=rule), TUESDAY)

    assert isinstance(action, AskPerson)
    assert (action.kind, action.ends) == (SuggestionKind.RESOLVE_CASE, True)


def test_solved_and_the_agent_resolves_with_a_proof_newer_than_the_answer():
    action = decided(a_series(FIRST, answer(TUESDAY, Label.FAVORABLE), rule=RESOLVES), TUESDAY)

    assert isinstance(action, Resolve)
    assert action.is_favorable
    assert action.proof.deadline == at(TUESDAY)


@pytest.mark.parametrize(
    "doubt, expected",
    [
        ({"protection": ProtectionEffect.AT_MOST_CONFIRM}, "AskPerson: favorable"),
        ({"blockers": ("1 open child case",)}, "AskPerson: blocked"),
        ({"appointment_ends_at": at("Fri 2026-11-27 10:00")}, "AskPerson: blocked"),
        ({"hold_until": at("Fri 2026-11-27 10:00")}, "Wait: held"),
        ({"task_due_at": at("Fri 2026-11-27 10:00")}, "Wait: open_task"),
        ({"contact_is_upset": True}, "Wait: contact_upset"),
        ({"doubts": (9,)}, "Wait: doubt"),
        ({"switches": Switches(is_stopped=True)}, "Wait: stopped"),
        ({"switches": Switches(closure_flow=False)}, "Wait: flow_off"),
    ],
)
def test_what_keeps_the_agent_from_resolving_a_solved_case(doubt, expected):
    case = replace(a_series(FIRST, answer(TUESDAY, Label.FAVORABLE), rule=RESOLVES), **doubt)

    assert said(decided(case, TUESDAY)) == expected


@pytest.mark.parametrize("state, failure", [(MessageState.UNCONFIRMED, None), (MessageState.SENT, Failure.PERMANENT)])
def test_a_person_resolves_when_one_of_our_mails_may_not_have_arrived(state, failure):
    lost = by_agent("Wed 2026-11-25 10:00", state=state, failure=failure)
    solved = answer("Wed 2026-11-25 11:00", Label.FAVORABLE)

    assert said(decided(a_series(FIRST, lost, solved, rule=RESOLVES), "Wed 2026-11-25 11:01")) == "AskPerson: favorable"


def test_an_answer_while_our_mail_is_on_its_way_waits_for_that_mail():
    sending = by_agent("Wed 2026-11-25 10:00", state=MessageState.SENDING)
    solved = answer("Wed 2026-11-25 10:01", Label.FAVORABLE)

    assert said(decided(a_series(FIRST, sending, solved, rule=RESOLVES), "Wed 2026-11-25 10:02")) == "Wait: sending"


def test_an_absence_notice_that_was_taken_for_an_answer_is_an_absence():
    notice = answer(TUESDAY, Label.AUTOMATIC, until="2026-12-01")

    action = decided(a_series(FIRST, notice), "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Wed 2026-12-02 08:00"), Reason.AWAY)


def test_mail_that_is_stored_but_not_understood_yet_holds_everything_for_seconds():
    case = a_series(FIRST)
    box = replace(case.mailboxes[0], read_through_at=at("Wed 2026-11-25 10:00"), has_unprocessed=True)

    action = decided(replace(case, mailboxes=(box,)), "Wed 2026-11-25 10:00")

    assert said(action) == "Wait: unprocessed_mail"


def test_an_angry_mail_on_a_case_without_a_series_is_read_too():
    unread = answer(TUESDAY)

    assert said(decided(a_case(FIRST, unread, rule_now=None), TUESDAY)) == "ReadReply: answered"


def test_away_and_then_the_customer_answers_after_all():
    action = decided(
        a_series(FIRST, away("Mon 2026-11-23 10:01"), answer(TUESDAY, Label.FAVORABLE), rule=RESOLVES), TUESDAY
    )

    assert isinstance(action, Resolve)

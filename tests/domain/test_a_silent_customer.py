"""Who hears from us, and when, while the customer stays silent? (spec 2.4, 3.1, 4.8)"""

from dataclasses import replace
from datetime import timedelta

import pytest

from caseloop.domain.actions import (
    AskPerson,
    End,
    FollowUp,
    PassOn,
    PrepareDraft,
    Reason,
    Resolve,
    SuggestionKind,
    Wait,
)
from caseloop.domain.calendar import OFFICE_HOURS, Pause, SendingWindow, Unit
from caseloop.domain.facts import Guard, ProtectionEffect, RuleNow, Suggestion, Switches
from caseloop.domain.lifecycle import CaseStatus, MessageState, SuggestionState
from caseloop.domain.policy import Level
from tests.domain.builders import IN_PROGRESS, a_rule, a_series, answer, at, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")
SECOND = by_agent("Wed 2026-11-25 10:00")
LAST = by_agent("Fri 2026-11-27 10:00", closes="2026-11-29")


def test_the_person_wrote_on_monday_and_the_customer_has_48_hours():
    action = decided(a_series(FIRST), "Wed 2026-11-25 09:59")

    assert isinstance(action, Wait)
    assert (action.until, action.reason, action.step) == (at("Wed 2026-11-25 10:00"), Reason.WAIT_NOT_OVER, 2)


def test_then_the_second_follow_up_goes_out_because_the_persons_mail_was_the_first():
    action = decided(a_series(FIRST), "Wed 2026-11-25 10:00")

    assert isinstance(action, FollowUp)
    assert (action.step, action.is_last) == (2, False)
    assert action.proof.read_through == (
        ("support@contoso.example", at("Wed 2026-11-25 10:00") + timedelta(seconds=5)),
    )


def test_the_third_is_the_last():
    action = decided(a_series(FIRST, SECOND), "Fri 2026-11-27 10:00")

    assert isinstance(action, FollowUp)
    assert (action.step, action.is_last) == (3, True)


def test_after_the_last_wait_the_case_is_resolved():
    case = a_series(FIRST, SECOND, LAST)

    assert said(decided(case, "Sun 2026-11-29 09:59")) == "Wait: wait_not_over"
    assert isinstance(decided(case, "Sun 2026-11-29 10:00"), Resolve)


def test_under_confirmation_a_person_gets_the_draft_and_then_the_closing():
    rule = a_rule(level=Level.CONFIRM)

    draft = decided(a_series(FIRST, rule=rule), "Wed 2026-11-25 10:00")
    later = decided(a_series(FIRST, SECOND, rule=rule), "Fri 2026-11-27 10:00")
    closing = decided(a_series(FIRST, SECOND, LAST, rule=rule), "Sun 2026-11-29 10:00")

    assert isinstance(draft, PrepareDraft)
    assert (draft.kind, draft.step) == (SuggestionKind.SEND_FOLLOW_UP, 2)
    assert isinstance(later, PrepareDraft)
    assert (later.kind, later.step) == (SuggestionKind.SEND_NEXT_FOLLOW_UP, 3)
    assert isinstance(closing, AskPerson)
    assert (closing.kind, closing.ends) == (SuggestionKind.RESOLVE_CASE, False)
    assert closing.proof is not None


def test_a_draft_that_lies_there_is_not_made_again():
    case = a_series(FIRST, rule=a_rule(level=Level.CONFIRM), suggestion=suggested(SuggestionKind.SEND_FOLLOW_UP, 2))

    assert said(decided(case, "Wed 2026-11-25 10:00")) == "Wait: for_person"


def test_nor_is_the_closing_suggested_twice():
    rule = a_rule(level=Level.CONFIRM)
    case = a_series(FIRST, SECOND, LAST, rule=rule, suggestion=suggested(SuggestionKind.RESOLVE_CASE, None))

    assert said(decided(case, "Sun 2026-11-29 10:00")) == "Wait: for_person"


def test_an_owner_who_got_fifteen_suggestions_today_gets_the_next_one_tomorrow():
    tomorrow = at("Thu 2026-11-26 00:00")
    rule = a_rule(level=Level.CONFIRM)

    draft = decided(a_series(FIRST, rule=rule, owner_has_room_at=tomorrow), "Wed 2026-11-25 10:00")
    closing = decided(
        a_series(FIRST, SECOND, LAST, rule=rule, owner_has_room_at=at("Mon 2026-11-30 00:00")), "Sun 2026-11-29 10:00"
    )

    assert isinstance(draft, Wait)
    assert (draft.until, draft.reason) == (tomorrow, Reason.OWNER_HAS_ENOUGH)
    assert said(closing) == "Wait: owner_has_enough"


def test_a_protection_asks_for_a_person_in_the_middle_of_a_series():
    case = a_series(FIRST, protection=ProtectionEffect.AT_MOST_CONFIRM)

    assert isinstance(decided(case, "Wed 2026-11-25 10:00"), PrepareDraft)


def test_outside_the_sending_times_it_moves_to_the_next_opening_in_the_customers_zone():
    window = SendingWindow(OFFICE_HOURS)
    case = a_series(by_person("Fri 2026-11-20 15:00"), window=window, customer_zone="America/New_York")

    action = decided(case, "Sun 2026-11-22 15:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Mon 2026-11-23 13:00"), Reason.OUTSIDE_SENDING_TIMES)


def test_a_closing_too_waits_for_the_sending_times():
    case = a_series(FIRST, SECOND, LAST, window=SendingWindow(OFFICE_HOURS))

    action = decided(case, "Sun 2026-11-29 10:00")

    assert isinstance(action, Wait)
    assert action.until == at("Mon 2026-11-30 08:00")


def test_a_draft_for_a_person_doesnt_wait_for_sending_times_nor_for_the_contact_budget():
    case = a_series(
        FIRST,
        rule=a_rule(level=Level.CONFIRM),
        window=SendingWindow(OFFICE_HOURS),
        budget_free_at=at("Thu 2026-11-26 09:00"),
        guard=Guard(needs_yes=True),
    )

    assert isinstance(decided(case, "Wed 2026-11-25 20:00"), PrepareDraft)


def test_the_contact_got_an_automatic_mail_this_morning_so_this_one_waits():
    case = a_series(FIRST, budget_free_at=at("Thu 2026-11-26 09:00"))

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Thu 2026-11-26 09:00"), Reason.CONTACT_BUDGET)


def test_the_ramp_is_full_until_eleven_for_mails_and_for_closings():
    guard = Guard(admits=False, admits_again_at=at("Wed 2026-11-25 11:00"))
    mailing = decided(a_series(FIRST, guard=guard), "Wed 2026-11-25 10:00")
    closing = decided(
        a_series(FIRST, SECOND, LAST, guard=replace(guard, admits_again_at=at("Sun 2026-11-29 11:00"))),
        "Sun 2026-11-29 10:00",
    )

    assert (said(mailing), said(closing)) == ("Wait: ramp", "Wait: ramp")
    assert isinstance(closing, Wait)
    assert closing.until == at("Sun 2026-11-29 11:00")


def test_too_many_acts_today_wait_for_a_managers_yes():
    guard = Guard(needs_yes=True)

    assert said(decided(a_series(FIRST, guard=guard), "Wed 2026-11-25 10:00")) == "Wait: guard"
    assert said(decided(a_series(FIRST, SECOND, LAST, guard=guard), "Sun 2026-11-29 10:00")) == "Wait: guard"


def test_on_the_day_after_a_stop_mails_go_out_but_nothing_is_resolved():
    guard = Guard(no_resolving_before=at("Tue 2026-12-01 08:00"))

    assert isinstance(decided(a_series(FIRST, guard=guard), "Wed 2026-11-25 10:00"), FollowUp)
    closing = decided(a_series(FIRST, SECOND, LAST, guard=guard), "Mon 2026-11-30 10:00")
    assert isinstance(closing, Wait)
    assert (closing.until, closing.reason) == (at("Tue 2026-12-01 08:00"), Reason.DAY_AFTER_STOP)


@pytest.mark.parametrize(
    "stop, expected",
    [
        ({"switches": Switches(is_stopped=True)}, "Wait: stopped"),
        ({"switches": Switches(is_on=False)}, "Wait: switched_off"),
        ({"switches": Switches(follow_up_flow=False)}, "Wait: flow_off"),
        ({"doubts": (9,)}, "Wait: doubt"),
        ({"contact_is_upset": True}, "Wait: contact_upset"),
        ({"hold_until": at("Thu 2026-11-26 10:00")}, "Wait: held"),
        ({"appointment_ends_at": at("Thu 2026-11-26 10:00")}, "Wait: appointment"),
        ({"task_due_at": at("Thu 2026-11-26 10:00")}, "Wait: open_task"),
        ({"pauses": (Pause(at("Wed 2026-11-25 09:00"), None),)}, "Wait: paused"),
        ({"protection": ProtectionEffect.NEVER}, "End: protected"),
        ({"no_automation": True}, "End: no_automation"),
        ({"rule_now": None}, "End: no_rule"),
        ({"status": CaseStatus.CANCELLED}, "End: not_active"),
        ({"status_reason_id": IN_PROGRESS}, "End: not_triggered"),
        ({"series_rule_is_active": False}, "End: rule_off"),
    ],
)
def test_what_stops_a_follow_up_that_was_due(stop, expected):
    assert said(decided(replace(a_series(FIRST), **stop), "Wed 2026-11-25 10:00", a_rule())) == expected


@pytest.mark.parametrize(
    "stop, expected",
    [
        ({"switches": Switches(is_stopped=True)}, "Wait: stopped"),
        ({"switches": Switches(closure_flow=False)}, "Wait: flow_off"),
        ({"doubts": (9,)}, "Wait: doubt"),
        ({"contact_is_upset": True}, "Wait: contact_upset"),
        ({"hold_until": at("Mon 2026-11-30 10:00")}, "Wait: held"),
        ({"appointment_ends_at": at("Mon 2026-11-30 10:00")}, "Wait: appointment"),
        ({"blockers": ("1 open child case",)}, "AskPerson: blocked"),
        ({"has_draft": True}, "AskPerson: blocked"),
    ],
)
def test_what_stops_a_closing_that_was_due(stop, expected):
    assert said(decided(replace(a_series(FIRST, SECOND, LAST), **stop), "Sun 2026-11-29 10:00")) == expected


def test_the_flow_that_suggests_closings_is_off():
    case = a_series(FIRST, SECOND, LAST, rule=a_rule(level=Level.CONFIRM), switches=Switches(representative_flow=False))

    assert said(decided(case, "Sun 2026-11-29 10:00")) == "Wait: flow_off"


def test_held_until_thursday_then_it_goes_on():
    case = a_series(FIRST, hold_until=at("Thu 2026-11-26 10:00"))

    held = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(held, Wait)
    assert held.until == at("Thu 2026-11-26 10:00")
    assert isinstance(decided(case, "Thu 2026-11-26 10:00"), FollowUp)


def test_of_two_holds_the_later_one_counts():
    case = a_series(FIRST, hold_until=at("Thu 2026-11-26 10:00"), appointment_ends_at=at("Fri 2026-11-27 10:00"))

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Fri 2026-11-27 10:00"), Reason.APPOINTMENT)


def test_a_pause_that_begins_after_the_wait_was_over_stops_the_mail_too():
    pause = Pause(at("Wed 2026-11-25 12:00"), at("Thu 2026-11-26 12:00"))

    action = decided(a_series(FIRST, pauses=(pause,)), "Wed 2026-11-25 13:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Thu 2026-11-26 12:00"), Reason.PAUSED)


def test_a_calendar_that_cannot_be_counted_with_goes_to_a_person():
    action = decided(a_series(FIRST, customer_zone="Mars/Olympus", window=SendingWindow()), "Wed 2026-11-25 10:00")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (Reason.BLOCKED, False)
    assert "Mars/Olympus" in action.detail


def test_an_hour_of_a_pause_does_not_count_as_waiting():
    pause = Pause(at("Tue 2026-11-24 10:00"), at("Tue 2026-11-24 11:00"))

    action = decided(a_series(FIRST, pauses=(pause,)), "Wed 2026-11-25 10:30")

    assert isinstance(action, Wait)
    assert action.until == at("Wed 2026-11-25 11:00")


def test_a_call_of_ours_on_tuesday_starts_the_wait_anew_and_does_not_count():
    case = a_series(FIRST, called_at=at("Tue 2026-11-24 16:00"))

    assert isinstance(decided(case, "Thu 2026-11-26 15:59"), Wait)
    action = decided(case, "Thu 2026-11-26 16:00")
    assert isinstance(action, FollowUp)
    assert action.step == 2


def test_a_mail_on_its_way_is_let_arrive():
    sending = by_agent("Wed 2026-11-25 10:00", state=MessageState.SENDING)

    assert said(decided(a_series(FIRST, sending), "Sun 2026-11-29 10:00")) == "Wait: sending"


def test_our_mail_promised_something_so_its_writer_is_told_and_the_series_ends():
    promise = by_person("Tue 2026-11-24 10:00", promises="I'll get back to you on Friday")

    action = decided(a_series(FIRST, promise), "Thu 2026-11-26 10:00")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends, action.detail) == (Reason.PROMISED, True, "I'll get back to you on Friday")


def test_another_rule_takes_the_case_and_the_series_passes_to_it_with_its_count():
    other = a_rule(rule_id=8, name="Silent partners")
    case = replace(a_series(FIRST, SECOND), rule_now=RuleNow(policy=other, activated_at=at("Mon 2026-01-05 08:00")))

    passing = decided(case, "Thu 2026-11-26 10:00", a_rule())
    passed = decided(case, "Fri 2026-11-27 10:00", other)

    assert isinstance(passing, PassOn)
    assert passing.rule_id == 8
    assert isinstance(passed, FollowUp)
    assert passed.step == 3


def test_the_rule_was_switched_off_and_running_series_may_finish():
    case = replace(a_series(FIRST, may_finish=True), series_rule_is_active=False, rule_now=None)

    assert isinstance(decided(case, "Wed 2026-11-25 10:00", a_rule()), FollowUp)
    left = replace(case, status_reason_id=IN_PROGRESS)
    assert decided(left, "Wed 2026-11-25 10:00", a_rule()) == End(reason=Reason.NOT_TRIGGERED)


def test_a_series_of_another_version_of_caseloop_goes_to_a_person():
    case = a_series(FIRST, has_known_schema=False)

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (Reason.UNKNOWN_SCHEMA, True)


def test_the_last_look_decides_as_if_the_mail_were_not_there_yet():
    mine = by_agent("Wed 2026-11-25 10:00", state=MessageState.SENDING)
    approved = Suggestion(kind=SuggestionKind.SEND_FOLLOW_UP, state=SuggestionState.APPROVED, step=2)
    spent = {
        "guard": Guard(admits=False, admits_again_at=at("Wed 2026-11-25 11:00")),
        "budget_free_at": at("Thu 2026-11-26 10:00"),
        "owner_has_room_at": at("Thu 2026-11-26 00:00"),
    }
    case = a_series(FIRST, mine, suggestion=approved, **spent).without_pending(mine.message_id)
    overtaken = replace(case, answers=(answer("Wed 2026-11-25 10:00"),))

    same = decided(case, "Wed 2026-11-25 10:01")

    assert isinstance(same, FollowUp)
    assert same.step == 2
    assert said(decided(overtaken, "Wed 2026-11-25 10:01")) == "ReadReply: answered"
    draft = decided(case, "Wed 2026-11-25 10:01", a_rule(level=Level.CONFIRM))
    assert isinstance(draft, PrepareDraft)


def test_a_wait_in_working_days_ends_on_tuesday():
    case = a_series(by_person("Fri 2026-11-20 15:00"), rule=a_rule("2 working days"))

    action = decided(case, "Mon 2026-11-23 15:00")

    assert isinstance(action, Wait)
    assert action.until == at("Tue 2026-11-24 15:00")
    assert a_rule("2 working days").waits[0].unit is Unit.WORKING_DAYS


def suggested(kind, step):
    return Suggestion(kind=kind, state=SuggestionState.PROPOSED, step=step)


OFFICE = SendingWindow(hours=OFFICE_HOURS, zone="UTC")


def test_a_wait_that_ends_on_saturday_is_shown_and_looked_at_when_the_window_opens_on_monday():
    thursday = by_person("Thu 2026-11-26 10:00")
    full = decided(a_series(thursday, window=OFFICE), "Fri 2026-11-27 10:00")
    confirm = decided(
        a_series(thursday, window=OFFICE, rule=a_rule(level=Level.CONFIRM)),
        "Fri 2026-11-27 10:00",
        a_rule(level=Level.CONFIRM),
    )

    assert isinstance(full, Wait)
    assert full.until == at("Mon 2026-11-30 08:00")
    assert isinstance(confirm, Wait)
    assert confirm.until == at("Sat 2026-11-28 10:00"), "a person works when they like"

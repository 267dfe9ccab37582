"""The customer asks for time, or is away: when is the next step, and when does a person decide? (spec 3.7)"""

from datetime import timedelta

import pytest

from caseloop.domain.actions import AskForReply, AskPerson, FollowUp, Reason, Wait
from caseloop.domain.facts import Label, Verdict
from tests.domain.builders import a_case, a_rule, a_series, answer, at, away, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")
SECOND = by_agent("Wed 2026-11-25 10:00")
LAST = by_agent("Fri 2026-11-27 10:00", closes="2026-11-29")


def test_by_friday_says_the_customer_and_the_next_step_is_due_on_monday_morning():
    case = a_series(FIRST, answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="2026-11-27"))

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Mon 2026-11-30 08:00"), Reason.DEFERRED)
    assert isinstance(decided(case, "Mon 2026-11-30 08:00"), FollowUp)


def test_by_wednesday_does_not_add_a_whole_wait_to_the_date():
    """Our mail of Monday 10:00 has had its 48 hours by Thursday 8:00; the reply of Tuesday afternoon starts no other."""
    case = a_series(FIRST, answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="2026-11-25"))

    assert isinstance(decided(case, "Thu 2026-11-26 08:00"), FollowUp)


def test_but_never_before_our_own_wait_is_over():
    rule = a_rule("1 days", "14 days", "1 days")
    case = a_series(FIRST, SECOND, answer("Wed 2026-11-25 14:00", Label.DEFERRAL, until="2026-11-26"), rule=rule)

    action = decided(case, "Fri 2026-11-27 08:00")

    assert isinstance(action, Wait)
    assert action.until == at("Wed 2026-12-09 10:00")


def test_without_a_date_one_full_wait_from_the_reply():
    case = a_series(FIRST, answer("Tue 2026-11-24 14:00", Label.DEFERRAL))

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert action.until == at("Thu 2026-11-26 14:00")
    assert isinstance(decided(case, "Thu 2026-11-26 14:00"), FollowUp)


def test_a_second_time_without_a_date_goes_to_a_person():
    first = answer("Tue 2026-11-24 14:00", Label.DEFERRAL)
    second = answer("Fri 2026-11-27 09:00", Label.DEFERRAL)

    action = decided(a_series(FIRST, first, by_agent("Thu 2026-11-26 14:00"), second), "Fri 2026-11-27 09:01")

    assert isinstance(action, AskForReply)
    assert (action.reason, action.message_id) == (Reason.TOO_MANY_DEFERRALS, second.message_id)


def test_three_dates_are_waited_for_and_the_fourth_goes_to_a_person():
    asked = [
        answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="2026-11-25"),
        answer("Thu 2026-11-26 14:00", Label.DEFERRAL, until="2026-11-27"),
        answer("Tue 2026-12-01 14:00", Label.DEFERRAL, until="2026-12-02"),
    ]
    fourth = answer("Thu 2026-12-03 14:00", Label.DEFERRAL, until="2026-12-04")

    assert isinstance(decided(a_series(FIRST, *asked), "Tue 2026-12-01 14:01"), Wait)
    assert said(decided(a_series(FIRST, *asked, fourth), "Thu 2026-12-03 14:01")) == "AskForReply: too_many_deferrals"


@pytest.mark.parametrize(
    "until, expected", [("2026-12-24", "Wait: deferred"), ("2026-12-25", "AskForReply: too_many_deferrals")]
)
def test_thirty_days_are_waited_for_and_thirty_one_are_not(until, expected):
    case = a_series(FIRST, answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until=until))

    assert said(decided(case, "Wed 2026-11-25 10:00")) == expected


@pytest.mark.parametrize("until", ["0001-01-01", "1999-12-31", "2026-11-24"])
def test_a_date_that_is_past_is_none(until):
    case = a_series(FIRST, answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until=until))

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert action.until == at("Thu 2026-11-26 14:00")


def test_a_date_at_the_end_of_all_calendars_does_no_harm():
    absurd = answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="9999-12-31")
    waved_through = answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="9999-12-31", verdict=Verdict.CONTINUE)

    assert said(decided(a_series(FIRST, absurd), "Wed 2026-11-25 10:00")) == "AskForReply: too_many_deferrals"
    action = decided(a_series(FIRST, waved_through), "Wed 2026-11-25 10:00")
    assert isinstance(action, Wait)
    assert action.until == at("Thu 2026-11-26 14:00")


def test_no_problem_says_our_colleague_and_the_date_still_holds():
    later = answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="2026-12-04", is_opened=True)
    fine = by_person("Tue 2026-11-24 15:00")

    action = decided(a_series(FIRST, later, fine), "Mon 2026-11-30 10:00")

    assert isinstance(action, Wait)
    assert action.until == at("Mon 2026-12-07 08:00")


def test_an_answer_after_the_deferral_overrides_its_date():
    later = answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="2026-12-04", is_opened=True)
    asks = answer("Wed 2026-11-25 09:00", Label.QUESTION, is_opened=True)
    reply = by_person("Wed 2026-11-25 11:00")

    case = a_series(FIRST, later, asks, reply, since="Wed 2026-11-25 11:01")

    assert isinstance(decided(case, "Fri 2026-11-27 11:00"), FollowUp)


def test_after_a_deferral_the_next_act_is_a_mail_never_a_closing():
    case = a_series(FIRST, SECOND, LAST, answer("Sat 2026-11-28 10:00", Label.DEFERRAL, until="2026-12-01"))

    action = decided(case, "Wed 2026-12-02 08:00")

    assert isinstance(action, FollowUp)
    assert (action.step, action.is_last) == (3, True)


def test_also_when_a_person_skipped_that_mail():
    case = a_series(
        FIRST,
        SECOND,
        LAST,
        answer("Sat 2026-11-28 10:00", Label.DEFERRAL, until="2026-12-01"),
        skips=(at("Wed 2026-12-02 09:00"),),
    )

    assert isinstance(decided(case, "Fri 2026-12-04 09:00"), FollowUp)


def test_also_when_the_deferral_crossed_our_last_mail():
    crossing = by_agent("Fri 2026-11-27 10:01", approved_at=at("Fri 2026-11-27 10:00"), closes="2026-11-29")
    case = a_series(FIRST, SECOND, crossing, answer("Fri 2026-11-27 10:00", Label.DEFERRAL, until="2026-12-01"))

    assert isinstance(decided(case, "Wed 2026-12-02 08:00"), FollowUp)


def test_away_until_friday_is_waited_for_and_counts_as_no_deferral():
    notices = [away(f"Mon 2026-11-23 1{n}:00", until="2026-11-27") for n in range(1, 6)]

    action = decided(a_series(FIRST, *notices), "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Mon 2026-11-30 08:00"), Reason.AWAY)


def test_away_for_longer_than_thirty_days_goes_to_a_person():
    action = decided(a_series(FIRST, away("Mon 2026-11-23 10:01", until="2027-03-01")), "Mon 2026-11-23 10:02")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends, action.detail) == (Reason.AWAY, True, "until 2027-03-01")


def test_once_they_are_back_the_follow_up_goes_out():
    case = a_series(FIRST, away("Mon 2026-11-23 10:01", until="2027-01-05"))

    assert said(decided(case, "Mon 2027-01-04 10:00")) == "AskPerson: away"
    assert isinstance(decided(case, "Wed 2027-01-06 10:00"), FollowUp)


def test_away_without_a_date_mails_go_on_but_nothing_is_closed_within_seven_days():
    rule = a_rule("24 hours", follow_ups=2)
    last = by_agent("Tue 2026-11-24 10:00", closes="2026-11-25")
    notice = away("Mon 2026-11-23 10:01")

    assert isinstance(decided(a_series(FIRST, notice, rule=rule), "Tue 2026-11-24 10:00"), FollowUp)
    closing = decided(a_series(FIRST, notice, last, rule=rule), "Thu 2026-11-26 10:00")
    assert isinstance(closing, Wait)
    assert (closing.until, closing.reason) == (at("Mon 2026-11-30 10:01"), Reason.AWAY)


def test_away_after_the_last_mail_goes_to_a_person_because_no_follow_up_is_left():
    action = decided(a_series(FIRST, SECOND, LAST, away("Fri 2026-11-27 10:01")), "Tue 2026-12-08 10:00")

    assert isinstance(action, AskPerson)
    assert (action.reason, action.ends) == (Reason.LIMIT_REACHED, True)


def test_an_away_notice_that_an_answer_followed_is_over():
    back = answer("Tue 2026-11-24 14:00", Label.INFORMATION, verdict=Verdict.CONTINUE)
    case = a_series(FIRST, away("Mon 2026-11-23 10:01", until="2026-12-15"), back)

    assert isinstance(decided(case, "Thu 2026-11-26 14:00"), FollowUp)


def test_a_deferral_on_a_case_that_left_and_came_back_lets_the_series_begin():
    case = a_case(FIRST, answer("Tue 2026-11-24 14:00", Label.DEFERRAL, until="2026-11-27"))

    assert said(decided(case, "Wed 2026-11-25 10:00")) == "Start: started"


def test_a_wait_is_never_for_a_moment_that_has_passed():
    case = a_series(FIRST, budget_free_at=at("Wed 2026-11-25 10:00") + timedelta(seconds=11))

    action = decided(case, "Wed 2026-11-25 10:00")

    assert isinstance(action, Wait)
    assert action.until is not None
    assert action.until > at("Wed 2026-11-25 10:00") + timedelta(seconds=10)

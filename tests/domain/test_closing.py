"""When is a case closed for silence, and what did the customer know before? (spec 3.4, 2.13, P3)"""

from caseloop.domain.actions import AskPerson, FollowUp, Reason, Resolve, SuggestionKind, Wait
from caseloop.domain.facts import RuleNow
from tests.domain.builders import a_rule, a_series, at, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")
SECOND = by_agent("Wed 2026-11-25 10:00")


def test_the_customer_was_told_the_second_of_december_so_not_before_it_began_where_they_are():
    told = by_agent("Fri 2026-11-27 10:00", closes="2026-12-02")

    action = decided(a_series(FIRST, SECOND, told, customer_zone="America/New_York"), "Tue 2026-12-01 12:00")

    assert isinstance(action, Wait)
    assert (action.until, action.reason) == (at("Wed 2026-12-02 05:00"), Reason.CLOSING_DATE)
    closing = decided(a_series(FIRST, SECOND, told, customer_zone="America/New_York"), "Wed 2026-12-02 05:00")
    assert isinstance(closing, Resolve)


def test_a_date_that_has_passed_does_not_shorten_the_wait():
    told = by_agent("Fri 2026-11-27 10:00", closes="2026-11-28")

    action = decided(a_series(FIRST, SECOND, told), "Sat 2026-11-28 12:00")

    assert isinstance(action, Wait)
    assert action.until == at("Sun 2026-11-29 10:00")


def test_the_last_mail_did_not_say_the_date_so_a_person_closes():
    silent_on_it = by_agent("Fri 2026-11-27 10:00")

    action = decided(a_series(FIRST, SECOND, silent_on_it), "Sun 2026-11-29 10:00")

    assert isinstance(action, AskPerson)
    assert (action.kind, action.reason, action.ends) == (
        SuggestionKind.RESOLVE_CASE,
        Reason.NO_NOTICE_GIVEN,
        False,
    )


def test_a_persons_mail_as_the_last_one_said_no_date_either():
    told = by_agent("Wed 2026-11-25 10:00", closes="2026-11-27")
    later = by_person("Thu 2026-11-26 10:00")

    case = a_series(FIRST, told, later, rule=a_rule(follow_ups=2), since="Mon 2026-11-23 10:01")

    assert said(decided(case, "Sat 2026-11-28 10:00")) == "AskPerson: no_notice_given"


def test_close_without_notice_is_ticked():
    rule = a_rule(follow_ups=1, closes_without_notice=True)

    assert isinstance(decided(a_series(FIRST, rule=rule), "Wed 2026-11-25 10:00"), Resolve)


def test_with_one_follow_up_the_persons_own_mail_is_it_and_a_person_closes():
    action = decided(a_series(FIRST, rule=a_rule(follow_ups=1)), "Wed 2026-11-25 10:00")

    assert said(action) == "AskPerson: no_notice_given"


def test_every_mail_was_skipped_so_a_person_closes():
    rule = a_rule(follow_ups=1, counts_persons_mail=False)
    case = a_series(FIRST, rule=rule, skips=(at("Wed 2026-11-25 12:00"),))

    assert said(decided(case, "Fri 2026-11-27 12:00")) == "AskPerson: no_notice_given"


def test_a_silence_older_than_its_rule_is_never_closed_before_the_rule_has_mailed():
    rule = a_rule(follow_ups=2, closes_without_notice=True)
    case = a_series(FIRST, SECOND, rule=rule, activated_at=at("Thu 2026-11-26 10:00"))

    action = decided(case, "Fri 2026-11-27 10:00")

    assert said(action) == "AskPerson: limit_reached"
    mailed = a_series(
        FIRST, by_agent("Fri 2026-11-27 10:00"), rule=rule, is_old_silence=True, activated_at=at("Thu 2026-11-26 10:00")
    )
    assert isinstance(decided(mailed, "Sun 2026-11-29 10:00"), FollowUp)


def test_a_series_passed_to_a_younger_rule_mails_once_before_it_closes():
    younger = a_rule(follow_ups=1, closes_without_notice=True, rule_id=8)
    case = a_series(FIRST, rule=younger, activated_at=at("Tue 2026-11-24 10:00"))

    assert said(decided(case, "Wed 2026-11-25 10:00")) == "AskPerson: limit_reached"
    counting_anew = a_rule(follow_ups=1, closes_without_notice=True, rule_id=8, counts_persons_mail=False)
    case = a_series(FIRST, rule=counting_anew, activated_at=at("Tue 2026-11-24 10:00"))
    assert isinstance(decided(case, "Wed 2026-11-25 10:00"), FollowUp)


def test_a_series_that_may_finish_under_its_old_copy_is_closed_by_it():
    rule = a_rule(follow_ups=1, closes_without_notice=True)
    case = a_series(FIRST, rule=rule, may_finish=True, activated_at=at("Tue 2026-11-24 10:00"))

    assert isinstance(case.rule_now, RuleNow)
    assert isinstance(decided(case, "Wed 2026-11-25 10:00"), Resolve)

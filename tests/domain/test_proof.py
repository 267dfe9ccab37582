"""Is it proven that the customer stayed silent? (spec 3.3, P2, P3)"""

from dataclasses import replace

import pytest

from caseloop.domain.actions import FollowUp, ProveSilence, Resolve, Wait
from caseloop.domain.facts import MailboxState
from caseloop.domain.policy import Level
from tests.domain.builders import a_rule, a_series, at, by_agent, by_person, decided, said

FIRST = by_person("Mon 2026-11-23 10:00")
LAST = by_agent("Wed 2026-11-25 10:00", closes="2026-11-27")
DUE = "Fri 2026-11-27 10:00"  # decided at 10:00:10


def box(read: str | None = None, second: int = 5, number: int = 1, arrived: str = "Fri 2026-11-27 09:00", **more):
    return MailboxState(
        mailbox_id=number,
        address=f"box{number}@contoso.example",
        read_through_at=at(read).replace(second=second) if read else None,
        last_arrival_at=at(arrived),
        **more,
    )


def closing(*boxes, **more):
    return decided(a_series(FIRST, LAST, rule=a_rule(follow_ups=2), mailboxes=boxes, **more), DUE)


def test_read_after_the_deadline_and_five_seconds_ago_is_proof():
    action = closing(box(DUE))

    assert isinstance(action, Resolve)
    assert action.proof.deadline == at(DUE)
    assert action.proof.read_through == (("box1@contoso.example", at(DUE).replace(second=5)),)


def test_never_read_is_none():
    action = closing(box(None))

    assert isinstance(action, ProveSilence)
    assert (action.mailbox_ids, action.deadline, action.probe_ids) == ((1,), at(DUE), ())


@pytest.mark.parametrize("second, is_proof", [(0, False), (1, True)])
def test_an_answer_of_the_server_at_the_deadline_itself_is_none(second, is_proof):
    assert isinstance(closing(box(DUE, second=second)), Resolve) is is_proof


@pytest.mark.parametrize("second, is_proof", [(9, False), (10, True)])
def test_after_sixty_seconds_it_is_stale(second, is_proof):
    case = a_series(FIRST, LAST, rule=a_rule(follow_ups=2), mailboxes=(box("Fri 2026-11-27 12:00", second=second),))

    assert isinstance(decided(case, "Fri 2026-11-27 12:01"), Resolve) is is_proof


def test_every_mailbox_of_the_thread_has_to_be_read():
    action = closing(box(DUE), box("Fri 2026-11-27 09:59", number=2))

    assert isinstance(action, ProveSilence)
    assert action.mailbox_ids == (2,)


def test_mail_that_is_stored_but_not_processed_holds_it_for_seconds():
    action = closing(box(DUE, has_unprocessed=True))

    assert said(action) == "Wait: unprocessed_mail"
    assert isinstance(action, Wait)
    assert action.until == at(DUE).replace(second=15)


@pytest.mark.parametrize("arrived, is_alive", [("Thu 2026-11-26 10:00", False), ("Thu 2026-11-26 10:01", True)])
def test_nothing_came_in_for_a_day_so_a_probe_has_to(arrived, is_alive):
    action = closing(box(DUE, arrived=arrived))

    assert isinstance(action, Resolve) is is_alive
    if not is_alive:
        assert isinstance(action, ProveSilence)
        assert action.probe_ids == (1,)


def test_a_mailbox_that_is_off_or_none_at_all_waits_for_an_administrator():
    for boxes in [(box(DUE, is_on=False),), ()]:
        action = closing(*boxes)
        assert isinstance(action, Wait)
        assert (said(action), action.until) == ("Wait: no_proof", None)


def test_a_mailbox_quiet_far_beyond_its_habit_holds_closings_but_not_mails():
    quiet = box(DUE, is_quiet=True)

    assert said(closing(quiet)) == "Wait: no_proof"
    mailing = decided(a_series(by_person("Wed 2026-11-25 10:00"), mailboxes=(quiet,)), DUE)
    assert isinstance(mailing, FollowUp)


def test_under_confirmation_drafts_and_suggested_closings_ask_for_proof_too():
    rule = a_rule(follow_ups=2, level=Level.CONFIRM)
    draft = a_series(FIRST, rule=rule, mailboxes=(box(None),))

    assert isinstance(decided(draft, DUE), ProveSilence)
    assert isinstance(decided(a_series(FIRST, LAST, rule=rule, mailboxes=(box(None),)), DUE), ProveSilence)
    assert isinstance(decided(replace(draft, mailboxes=(box(DUE),)), DUE), ProveSilence) is False

"""Does every thing move through its table, and through nothing else?"""

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from caseloop.domain.lifecycle import (
    CASE,
    ENROLMENT,
    INBOUND,
    MESSAGE,
    RULE,
    SUGGESTION,
    TABLES,
    CaseEvent,
    CaseStatus,
    EnrolmentEvent,
    EnrolmentState,
    IllegalMove,
    InboundEvent,
    InboundState,
    MessageEvent,
    MessageState,
    RuleEvent,
    RuleState,
    SuggestionEvent,
    SuggestionState,
    diagrams,
    move,
)

PAGE = Path(__file__).parents[2] / "docs" / "lifecycles.md"

# Written from the story of each thing, not from the tables: "state event -> next".
MOVES = {
    "Message": """
        draft approve -> approved
        draft discard -> discarded
        draft overtaken -> discarded
        approved take_back -> draft
        approved discard -> discarded
        approved overtaken -> discarded
        approved claim -> sending
        sending accepted -> sent
        sending not_begun -> approved
        sending refused -> refused
        sending line_lost -> unconfirmed
        sending worker_lost -> unconfirmed
        unconfirmed found -> sent
        unconfirmed settled_not_sent -> refused
    """,
    "Enrolment": """
        running end -> ended
        ended resume -> running
    """,
    "Suggested action": """
        proposed approve -> approved
        proposed perform -> done
        proposed supersede -> superseded
        proposed discard -> discarded
        proposed skip -> skipped
        approved perform -> done
        approved take_back -> proposed
        approved fail -> proposed
        approved supersede -> superseded
        superseded perform -> done
    """,
    "Case": """
        active resolve -> resolved
        active cancel -> cancelled
        resolved reopen -> active
        cancelled reopen -> active
    """,
    "Rule": """
        inactive activate -> active
        inactive shadow -> shadow
        shadow activate -> active
        shadow deactivate -> inactive
        shadow break -> broken
        active shadow -> shadow
        active deactivate -> inactive
        active break -> broken
        broken deactivate -> inactive
    """,
    "Inbound mail": """
        stored process -> processed
        stored give_up -> unreadable
        stored ignore -> ignored
        unreadable process -> processed
    """,
}
WORDS = {
    "Message": (MESSAGE, MessageState, MessageEvent),
    "Enrolment": (ENROLMENT, EnrolmentState, EnrolmentEvent),
    "Suggested action": (SUGGESTION, SuggestionState, SuggestionEvent),
    "Case": (CASE, CaseStatus, CaseEvent),
    "Rule": (RULE, RuleState, RuleEvent),
    "Inbound mail": (INBOUND, InboundState, InboundEvent),
}


def moves(name):
    for line in MOVES[name].split("\n"):
        if line.strip():
            state, event, _, following = line.split()
            yield state, event, following


LEGAL = [(name, *legal) for name in MOVES for legal in moves(name)]
ILLEGAL = [
    (name, state, event)
    for name, (_, states, events) in WORDS.items()
    for state, event in product(states, events)
    if not any((state, event) == legal[:2] for legal in moves(name))
]


@pytest.mark.parametrize(("name", "state", "event", "following"), LEGAL)
def test_a_move_in_the_table_leads_to_the_next_state(name, state, event, following):
    table, states, events = WORDS[name]

    assert move(table, states(state), events(event)) is states(following)


@pytest.mark.parametrize(("name", "state", "event"), ILLEGAL)
def test_any_other_move_raises_and_changes_nothing(name, state, event):
    table = WORDS[name][0]
    before = {one: dict(events) for one, events in table.items()}
    thing = {"state": state}

    with pytest.raises(IllegalMove, match=f'"{event}" cannot happen in the state "{state}"'):
        thing["state"] = move(table, thing["state"], event)

    assert thing == {"state": state}
    assert table == before


def test_a_refusal_says_what_can_happen():
    with pytest.raises(IllegalMove, match="there: accepted, not_begun, refused, line_lost, worker_lost"):
        move(MESSAGE, MessageState.SENDING, MessageEvent.DISCARD)


def test_a_refusal_says_when_nothing_can():
    with pytest.raises(IllegalMove, match='"claim" cannot happen in the state "sent"; it is final'):
        move(MESSAGE, MessageState.SENT, MessageEvent.CLAIM)


def test_a_plain_value_from_the_database_will_do():
    assert move(MESSAGE, "approved", "claim") is MessageState.SENDING


def test_an_unknown_state_or_event_is_refused():
    with pytest.raises(IllegalMove, match='no state "melted" in this lifecycle; there are: draft, approved'):
        move(MESSAGE, "melted", MessageEvent.CLAIM)
    with pytest.raises(IllegalMove, match='"melt" cannot happen'):
        move(MESSAGE, MessageState.DRAFT, "melt")


@pytest.mark.parametrize("name", WORDS)
def test_every_state_and_event_has_its_place(name):
    table, states, events = WORDS[name]

    assert table is TABLES[name]
    assert set(table) == set(states)
    assert {event for row in table.values() for event in row} == set(events)


@pytest.mark.parametrize("name", WORDS)
def test_every_state_can_be_reached_from_the_first(name):
    table, states, _ = WORDS[name]

    assert _reachable(table, next(iter(states))) == set(states)


def test_a_mail_that_may_have_been_sent_is_never_handed_over_again():
    assert MessageState.SENDING not in _reachable(MESSAGE, MessageState.UNCONFIRMED)
    assert _reachable(MESSAGE, MessageState.SENT) == {MessageState.SENT}


def test_a_broken_rule_runs_again_only_after_somebody_deactivated_it():
    assert set(RULE[RuleState.BROKEN]) == {RuleEvent.DEACTIVATE}


def _reachable(table, state):
    found, ahead = set(), [state]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead.extend(table[one].values())
    return found


def test_the_page_in_the_docs_shows_the_tables():
    assert PAGE.read_text(encoding="utf-8") == diagrams(), (
        "Write it anew: python -m caseloop.domain.lifecycle > docs/lifecycles.md"
    )


def test_the_page_draws_every_move():
    page = diagrams()

    assert all(f"    {state} --> {following}: {event}\n" in page for _, state, event, following in LEGAL)


def test_the_command_prints_the_page():
    printed = subprocess.run(
        [sys.executable, "-m", "caseloop.domain.lifecycle"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert printed.stdout == diagrams()

"""Which states do things go through, and what moves them on?

One table per thing: state -> event -> next state. What a table doesn't list cannot happen: `move`
raises and changes nothing, so an unforeseen order of events stops with a sentence instead of guessing.
PostgreSQL keeps the same promise with a check constraint on every state column and conditional updates
at every claim.

A message we send is the hard one, because a mail server and a database cannot agree in one step. Until
`claim` it is ours: it can be edited, taken back, or dropped when an answer overtakes it. From then on
it belongs to one worker. What that worker learns is definite, with one exception: a line lost after the
final dot, or a worker that died, may or may not have sent the mail. That is `unconfirmed`, and it never
becomes `approved` again: no mail is handed over twice (spec 4.3, P4). A 4xx reply, or a claim that
ended before its hand-over began, is definite and goes back to `approved` under the same Message-ID.
`sent` is final; a bounce that comes later is a fact beside it.

An enrolment only runs or doesn't; how far it has come is counted from mails sent, not kept as a state.
An approved action that fails is `proposed` again, where a person sees it; its other ends are final, for
a new plan is a new suggestion, but one that was superseded while its mail was being handed over, or in doubt, is done
when that mail turns out to have been sent. A rule that raised is `broken` until somebody deactivates it. A merged
case is `cancelled` like any other: that it never reopens is a guard of cases, not a state. Inbound mail
is `stored` before anything is understood, so that what cannot be read isn't lost (spec 4.4).
"""

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from caseloop.domain.errors import DomainError

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


class IllegalMove(DomainError):
    """The event cannot happen in that state; the text says which events can."""


def move(table: Mapping[State, Mapping[Event, State]], state: State, event: Event) -> State:
    """The state that follows; raises IllegalMove when the table has no such move. Plain values will do."""
    if state not in table:
        raise IllegalMove(f'There is no state "{state}" in this lifecycle; there are: {_listed(table)}.')
    events = table[state]
    if event not in events:
        allowed = f"what can happen there: {_listed(events)}" if events else "it is final"
        raise IllegalMove(f'"{event}" cannot happen in the state "{state}"; {allowed}.')
    return events[event]


class MessageState(StrEnum):
    """A message out (spec 4.3)."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    DISCARDED = "discarded"


class MessageEvent(StrEnum):
    APPROVE = "approve"
    TAKE_BACK = "take_back"
    OVERTAKEN = "overtaken"
    """The customer answered, or the plan changed, before an automatic message was claimed."""
    DISCARD = "discard"
    CLAIM = "claim"
    ACCEPTED = "accepted"
    NOT_BEGUN = "not_begun"
    """Nothing was handed over: the claim ended first, or the server said 4xx. Same Message-ID next time."""
    REFUSED = "refused"
    LINE_LOST = "line_lost"
    WORKER_LOST = "worker_lost"
    FOUND = "found"
    SETTLED_NOT_SENT = "settled_not_sent"


MESSAGE: Mapping[MessageState, Mapping[MessageEvent, MessageState]] = {
    MessageState.DRAFT: {
        MessageEvent.APPROVE: MessageState.APPROVED,
        MessageEvent.OVERTAKEN: MessageState.DISCARDED,
        MessageEvent.DISCARD: MessageState.DISCARDED,
    },
    MessageState.APPROVED: {
        MessageEvent.TAKE_BACK: MessageState.DRAFT,
        MessageEvent.OVERTAKEN: MessageState.DISCARDED,
        MessageEvent.DISCARD: MessageState.DISCARDED,
        MessageEvent.CLAIM: MessageState.SENDING,
    },
    MessageState.SENDING: {
        MessageEvent.ACCEPTED: MessageState.SENT,
        MessageEvent.NOT_BEGUN: MessageState.APPROVED,
        MessageEvent.REFUSED: MessageState.REFUSED,
        MessageEvent.LINE_LOST: MessageState.UNCONFIRMED,
        MessageEvent.WORKER_LOST: MessageState.UNCONFIRMED,
    },
    MessageState.UNCONFIRMED: {
        MessageEvent.FOUND: MessageState.SENT,
        MessageEvent.SETTLED_NOT_SENT: MessageState.REFUSED,
    },
    MessageState.SENT: {},
    MessageState.REFUSED: {},
    MessageState.DISCARDED: {},
}


class EnrolmentState(StrEnum):
    """One case going through one policy (on screen: a series)."""

    RUNNING = "running"
    ENDED = "ended"


class EnrolmentEvent(StrEnum):
    END = "end"
    RESUME = "resume"
    """A person chose to continue the follow-ups (spec 6.4)."""


ENROLMENT: Mapping[EnrolmentState, Mapping[EnrolmentEvent, EnrolmentState]] = {
    EnrolmentState.RUNNING: {EnrolmentEvent.END: EnrolmentState.ENDED},
    EnrolmentState.ENDED: {EnrolmentEvent.RESUME: EnrolmentState.RUNNING},
}


class SuggestionState(StrEnum):
    """An action waiting for approval, or given it (spec 6.4)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DONE = "done"
    DISCARDED = "discarded"
    SKIPPED = "skipped"
    SUPERSEDED = "superseded"


class SuggestionEvent(StrEnum):
    APPROVE = "approve"
    PERFORM = "perform"
    TAKE_BACK = "take_back"
    SUPERSEDE = "supersede"
    """The facts changed, and another plan has taken its place (spec 3.9)."""
    DISCARD = "discard"
    SKIP = "skip"
    FAIL = "fail"


SUGGESTION: Mapping[SuggestionState, Mapping[SuggestionEvent, SuggestionState]] = {
    SuggestionState.PROPOSED: {
        SuggestionEvent.APPROVE: SuggestionState.APPROVED,
        SuggestionEvent.PERFORM: SuggestionState.DONE,
        SuggestionEvent.SUPERSEDE: SuggestionState.SUPERSEDED,
        SuggestionEvent.DISCARD: SuggestionState.DISCARDED,
        SuggestionEvent.SKIP: SuggestionState.SKIPPED,
    },
    SuggestionState.APPROVED: {
        SuggestionEvent.PERFORM: SuggestionState.DONE,
        SuggestionEvent.TAKE_BACK: SuggestionState.PROPOSED,
        SuggestionEvent.FAIL: SuggestionState.PROPOSED,
        SuggestionEvent.SUPERSEDE: SuggestionState.SUPERSEDED,
    },
    SuggestionState.DONE: {},
    SuggestionState.DISCARDED: {},
    SuggestionState.SKIPPED: {},
    SuggestionState.SUPERSEDED: {SuggestionEvent.PERFORM: SuggestionState.DONE},
}


class CaseStatus(StrEnum):
    """One customer problem (spec 7.1)."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class CaseEvent(StrEnum):
    RESOLVE = "resolve"
    CANCEL = "cancel"
    REOPEN = "reopen"


CASE: Mapping[CaseStatus, Mapping[CaseEvent, CaseStatus]] = {
    CaseStatus.ACTIVE: {CaseEvent.RESOLVE: CaseStatus.RESOLVED, CaseEvent.CANCEL: CaseStatus.CANCELLED},
    CaseStatus.RESOLVED: {CaseEvent.REOPEN: CaseStatus.ACTIVE},
    CaseStatus.CANCELLED: {CaseEvent.REOPEN: CaseStatus.ACTIVE},
}


class RuleState(StrEnum):
    """What administrators edit (spec 2.6, 2.10)."""

    INACTIVE = "inactive"
    SHADOW = "shadow"
    ACTIVE = "active"
    BROKEN = "broken"


class RuleEvent(StrEnum):
    ACTIVATE = "activate"
    SHADOW = "shadow"
    DEACTIVATE = "deactivate"
    BREAK = "break"
    """Its conditions raised an error; it is switched off alone, and the others go on."""


RULE: Mapping[RuleState, Mapping[RuleEvent, RuleState]] = {
    RuleState.INACTIVE: {RuleEvent.ACTIVATE: RuleState.ACTIVE, RuleEvent.SHADOW: RuleState.SHADOW},
    RuleState.SHADOW: {
        RuleEvent.ACTIVATE: RuleState.ACTIVE,
        RuleEvent.DEACTIVATE: RuleState.INACTIVE,
        RuleEvent.BREAK: RuleState.BROKEN,
    },
    RuleState.ACTIVE: {
        RuleEvent.SHADOW: RuleState.SHADOW,
        RuleEvent.DEACTIVATE: RuleState.INACTIVE,
        RuleEvent.BREAK: RuleState.BROKEN,
    },
    RuleState.BROKEN: {RuleEvent.DEACTIVATE: RuleState.INACTIVE},
}


class InboundState(StrEnum):
    """A mail that came in, its raw bytes kept (spec 4.4)."""

    STORED = "stored"
    PROCESSED = "processed"
    UNREADABLE = "unreadable"
    IGNORED = "ignored"


class InboundEvent(StrEnum):
    PROCESS = "process"
    GIVE_UP = "give_up"
    IGNORE = "ignore"
    """It is our own copy, or a probe that came back."""


INBOUND: Mapping[InboundState, Mapping[InboundEvent, InboundState]] = {
    InboundState.STORED: {
        InboundEvent.PROCESS: InboundState.PROCESSED,
        InboundEvent.GIVE_UP: InboundState.UNREADABLE,
        InboundEvent.IGNORE: InboundState.IGNORED,
    },
    InboundState.UNREADABLE: {InboundEvent.PROCESS: InboundState.PROCESSED},
    InboundState.PROCESSED: {},
    InboundState.IGNORED: {},
}

TABLES: Mapping[str, Mapping[Any, Mapping[Any, Any]]] = {
    "Message": MESSAGE,
    "Enrolment": ENROLMENT,
    "Suggested action": SUGGESTION,
    "Case": CASE,
    "Rule": RULE,
    "Inbound mail": INBOUND,
}


def diagrams() -> str:
    """All tables as one Markdown page of Mermaid diagrams: docs/lifecycles.md."""
    page = [
        "# Lifecycles",
        "",
        "Written by `python -m caseloop.domain.lifecycle > docs/lifecycles.md` from the tables in",
        "[lifecycle.py](../src/caseloop/domain/lifecycle.py), which say why. What isn't drawn cannot happen.",
    ]
    for name, table in TABLES.items():
        page += ["", f"## {name}", "", "```mermaid", *_diagram(table), "```"]
    return "\n".join(page) + "\n"


def _diagram(table: Mapping[Any, Mapping[Any, Any]]) -> list[str]:
    lines = ["stateDiagram-v2", f"    [*] --> {next(iter(table))}"]
    for state, events in table.items():
        lines += [f"    {state} --> {following}: {event}" for event, following in events.items()]
        lines += [] if events else [f"    {state} --> [*]"]
    return lines


def _listed(words: Iterable[str]) -> str:
    return ", ".join(str(word) for word in words)


if __name__ == "__main__":
    sys.stdout.write(diagrams())

"""The plan line: what happens next on a case and when, why, and what would stop it (spec 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from caseloop.cases.models import Case
from caseloop.domain.actions import Action, FollowUp, PrepareDraft, ProveSilence, Reason, Resolve, Wait
from caseloop.domain.calendar import deadline
from caseloop.domain.counting import count, counted_mails, due_at
from caseloop.domain.decide import decide
from caseloop.domain.facts import Facts, Series
from caseloop.domain.policy import Policy
from caseloop.followups.gather import Look, gather
from caseloop.followups.words import sentence, stop_words, why_words

StepState = Literal["done", "now", "later", "stopped"]
Tone = Literal["info", "warn", "good"]

NEEDS_LOOKING_AT = frozenset(
    {
        Reason.DOUBT,
        Reason.NO_PROOF,
        Reason.GUARD,
        Reason.STOPPED,
        Reason.SWITCHED_OFF,
        Reason.FLOW_OFF,
        Reason.PROMISED,
        Reason.NO_ADDRESS,
        Reason.UNKNOWN_SCHEMA,
        Reason.CONTACT_UPSET,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One point of the drawn series; `at` is when it happened or will, if that is known."""

    label: str
    at: datetime | None
    state: StepState
    is_resolution: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known for sure, and since when (UTC)."""

    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan line of one case. `title`, `at` and `unless` make the sentence; times are UTC."""

    title: str
    at: datetime | None
    unless: str
    reason: str
    tone: Tone
    steps: list[PlanStep] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    would_stop: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    rule_id: int | None = None
    rule_name: str = ""
    level: str = ""
    has_series: bool = False
    needs_person: bool = False


def plan_of(case: Case, now: datetime) -> Plan:
    """What comes next for this case, by asking the same `decide` as the loop; reads only."""
    look = gather([case.pk], now)[case.pk]
    return plan(look, decide(look.facts, look.policy, now), now)


def plan(look: Look, action: Action, now: datetime) -> Plan:
    """The plan line for a decision that was just made."""
    facts, policy = look.facts, look.policy or (look.facts.rule_now.policy if look.facts.rule_now else None)
    name = _first_name(look)
    has_series = facts.series is not None
    title, at = _title(facts, policy, action, now)
    return Plan(
        title=title,
        at=at,
        unless=f"unless {name} answers" if has_series and at is not None else "",
        reason=sentence(action.reason, action.detail),
        tone=_tone(action, has_series),
        steps=_steps(facts, policy, now) if has_series and policy is not None else [],
        why=why_words(look, action),
        would_stop=stop_words(action) if has_series else [],
        evidence=_evidence(facts),
        rule_id=policy.rule_id if policy else None,
        rule_name=policy.name if policy else "",
        level=policy.level.value if policy else "",
        has_series=has_series,
        needs_person=facts.suggestion is not None,
    )


def _first_name(look: Look) -> str:
    return look.case.contact.name.split()[0] if look.case.contact and look.case.contact.name else "the customer"


def _title(facts: Facts, policy: Policy | None, action: Action, now: datetime) -> tuple[str, datetime | None]:
    if facts.series is None or policy is None:
        return _title_without_series(action)
    state = count(facts, facts.series, policy)
    closes = state.position >= policy.follow_ups and not state.must_mail
    step = min(state.position + 1, policy.follow_ups)
    what = "resolve this case" if closes else f"follow-up {step} of {policy.follow_ups}"
    match action:
        case Wait(until=until) if until is not None:
            return f"Next: {what}", _in_window(facts, until)
        case Wait(reason=Reason.SENDING):
            return "A mail is being sent", None
        case Wait(reason=Reason.FOR_PERSON):
            return f"Next: {what}, by you", None
        case FollowUp() | PrepareDraft() | Resolve() | ProveSilence():
            return f"Next: {what}", _in_window(facts, now)
        case _:
            return sentence(action.reason, action.detail), None


def _title_without_series(action: Action) -> tuple[str, datetime | None]:
    if action.reason is Reason.STARTED:
        return "A series starts now", None
    if action.reason is Reason.FAVORABLE:
        return "The customer says that it is solved", None
    return "No follow-ups: " + sentence(action.reason, action.detail)[:-1].lower(), (
        action.until if isinstance(action, Wait) else None
    )


def _in_window(facts: Facts, at: datetime) -> datetime:
    return facts.window.next_opening(at, facts.customer_zone)


def _tone(action: Action, has_series: bool) -> Tone:
    if action.reason in NEEDS_LOOKING_AT:
        return "warn"
    return "info" if has_series else "good" if action.reason is Reason.FAVORABLE else "info"


def _steps(facts: Facts, policy: Policy, now: datetime) -> list[PlanStep]:
    """The series drawn: what was sent, what is next, and the dates that follow when nobody answers."""
    assert facts.series is not None
    steps = _done(facts, facts.series, policy)
    state = count(facts, facts.series, policy)
    if any(step.state == "stopped" for step in steps):
        return steps
    at = due_at(facts, policy, state)
    position = state.position
    first = True
    while at is not None and position < policy.follow_ups:
        position += 1
        at = _in_window(facts, max(at, now))
        steps.append(PlanStep(label=f"Follow-up {position}", at=at, state="now" if first else "later"))
        at = _after(facts, policy, position, at)
        first = False
    if at is not None:
        at = _in_window(facts, max(at, now))
    steps.append(PlanStep(label="Resolve", at=at, state="now" if first else "later", is_resolution=True))
    return steps


def _done(facts: Facts, series: Series, policy: Policy) -> list[PlanStep]:
    counted = counted_mails(facts.mails, series, policy)
    offset = 1 if counted and counted[0].at <= series.started_at and policy.counts_persons_mail else 0
    steps = []
    for index, mail in enumerate(counted):
        label = "Your email" if index < offset else f"Follow-up {index + 1}"
        steps.append(PlanStep(label=label, at=mail.at, state="stopped" if mail.failure else "done"))
    if offset == 0:
        before = [mail for mail in facts.mails if mail.is_by_person and mail not in counted]
        if before:
            steps.insert(0, PlanStep(label="Your email", at=before[-1].at, state="done"))
    return steps


def _after(facts: Facts, policy: Policy, position: int, at: datetime) -> datetime | None:
    moments = [deadline(at, wait, facts.calendar, facts.pauses) for wait in policy.waits_after(position)]
    return None if None in moments else max(moment for moment in moments if moment is not None)


def _evidence(facts: Facts) -> list[Evidence]:
    found = []
    sent = [mail for mail in facts.mails if mail.state.value == "sent" and mail.failure is None]
    if sent:
        found.append(Evidence("Last mail accepted by the mail server", sent[-1].at))
    for mailbox in facts.mailboxes:
        if mailbox.read_through_at is not None:
            found.append(Evidence(f"{mailbox.address} and its junk folder read up to", mailbox.read_through_at))
        else:
            found.append(Evidence(f"{mailbox.address} has not been read yet", None))
    return found

"""How does a test of the core say what happened on a case? In a line for each word spoken, with its date.

Times are UTC and show their weekday, which is checked: at("Mon 2026-11-23 10:00"). Everything else about a case is as it
mostly is: active, on hold, taken by a rule with three follow-ups and 48 hours after each, its mailbox read just now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from caseloop.domain.actions import Action
from caseloop.domain.calendar import Duration, Hours, SendingWindow, WorkingCalendar
from caseloop.domain.decide import decide
from caseloop.domain.facts import (
    Absence,
    Answer,
    Facts,
    Label,
    MailboxState,
    OurMail,
    Reading,
    RuleNow,
    Series,
    Source,
    Switches,
    Verdict,
)
from caseloop.domain.lifecycle import CaseStatus, MessageState
from caseloop.domain.policy import Level, Policy
from tests.domain.times import local

ON_HOLD, IN_PROGRESS = 2, 1
LONG_AGO = datetime.fromisoformat("2026-01-05 08:00+00:00")
OFFICE = WorkingCalendar("UTC", Hours.weekdays("8:00", "18:00"))
ALWAYS = SendingWindow(Hours.always())
SUPPORT = MailboxState(mailbox_id=1, address="support@contoso.example", read_through_at=None)


def at(text: str) -> datetime:
    """A moment as "Mon 2026-11-23 10:00", UTC."""
    return local(text, "UTC")


def a_rule(*waits: str, **changes: Any) -> Policy:
    """Full automation, three follow-ups, 48 hours after each; one wait given is the wait after each."""
    follow_ups = changes.pop("follow_ups", len(waits) if len(waits) > 1 else 3)
    spelled = waits if len(waits) > 1 else (waits or ("48 hours",)) * follow_ups
    chosen: dict[str, Any] = {
        "rule_id": 7,
        "version": 1,
        "name": "Silent for two days",
        "level": Level.FULL,
        "follow_ups": follow_ups,
        "waits": tuple(Duration.parse(wait) for wait in spelled),
        "trigger_status_reason_id": ON_HOLD,
        **changes,
    }
    return Policy(**chosen)


def by_person(when: str | datetime, **more: Any) -> OurMail:
    return _ours(when, is_by_person=True, **more)


def by_agent(when: str | datetime, closes: str | None = None, **more: Any) -> OurMail:
    return _ours(when, is_by_person=False, closes_on=date.fromisoformat(closes) if closes else None, **more)


def _ours(when: str | datetime, **more: Any) -> OurMail:
    moment = at(when) if isinstance(when, str) else when
    chosen = {"message_id": int(moment.timestamp()), "state": MessageState.SENT, **more}
    return OurMail(at=moment, **chosen)


def answer(when: str | datetime, label: Label | None = None, until: str | None = None, **more: Any) -> Answer:
    """A mail of the customer; without a label nobody has read it. `until` is the date it names."""
    moment = at(when) if isinstance(when, str) else when
    verdict: Verdict | None = more.pop("verdict", None)
    reading = Reading(
        label=label or Label.UNCLEAR,
        resume_on=date.fromisoformat(until) if until else None,
        is_only_thanks=more.pop("is_only_thanks", False),
        is_wrong_person=more.pop("is_wrong_person", False),
        verdict=verdict,
        verdict_at=at(more.pop("verdict_at")) if "verdict_at" in more else None,
    )
    chosen = {"message_id": int(moment.timestamp()), "reading": reading if label else None, **more}
    return Answer(at=moment, **chosen)


def call_of_customer(when: str) -> Answer:
    return Answer(at=at(when), source=Source.RECORDED)


def away(when: str, until: str | None = None, **more: Any) -> Absence:
    return Absence(at=at(when), resume_on=date.fromisoformat(until) if until else None, **more)


def a_case(*words: OurMail | Answer | Absence, rule: Policy | None = None, **more: Any) -> Facts:
    """A case without a series, and what was said on it."""
    spoken = sorted(words, key=lambda word: word.at)
    chosen: dict[str, Any] = {
        "status": CaseStatus.ACTIVE,
        "status_reason_id": ON_HOLD,
        "switches": Switches(),
        "calendar": OFFICE,
        "window": ALWAYS,
        "customer_zone": "UTC",
        "mailboxes": (SUPPORT,),
        "rule_now": RuleNow(policy=rule or a_rule(), activated_at=more.pop("activated_at", LONG_AGO)),
        "mails": tuple(word for word in spoken if isinstance(word, OurMail)),
        "answers": tuple(word for word in spoken if isinstance(word, Answer)),
        "absences": tuple(word for word in spoken if isinstance(word, Absence)),
        **more,
    }
    return Facts(case_id=42, **chosen)


def a_series(*words: OurMail | Answer | Absence, rule: Policy | None = None, **more: Any) -> Facts:
    """A case with a series that began with the first mail of a person, or `since` another time."""
    since = more.pop("since", None)
    names = ("skips", "is_old_silence", "may_finish", "counts_since", "has_known_schema")
    of_series = {name: more.pop(name) for name in names if name in more}
    facts = a_case(*words, rule=rule, **more)
    first = next((mail.at for mail in facts.mails if mail.is_by_person), LONG_AGO)
    return replace(facts, series=Series(started_at=at(since) if since else first, **of_series))


def decided(facts: Facts, when: str | datetime, rule: Policy | None = None) -> Action:
    """What is decided ten seconds after the minute shown, its mailbox read five seconds before unless the test says."""
    now = at(when) + timedelta(seconds=10) if isinstance(when, str) else when
    if facts.mailboxes == (SUPPORT,):
        facts = replace(facts, mailboxes=(just_read(now),))
    policy = rule or (facts.rule_now.policy if facts.rule_now else a_rule())
    return decide(facts, policy if facts.series else None, now)


def just_read(now: datetime) -> MailboxState:
    return replace(SUPPORT, read_through_at=now - timedelta(seconds=5), last_arrival_at=now - timedelta(hours=1))


def said(action: Action) -> str:
    """The kind of an action and its reason, as "Wait: held"."""
    return f"{type(action).__name__}: {action.reason.value}"

"""How is a decision said in a sentence? For the timeline, the card and the plan line (mock-ups: Words)."""

from __future__ import annotations

from datetime import datetime

from caseloop.domain.actions import (
    Action,
    AskForReply,
    AskPerson,
    FollowUp,
    PrepareDraft,
    Reason,
    Resolve,
    Stop,
)
from caseloop.followups.gather import Look

REASONS: dict[Reason, str] = {
    Reason.SILENT: "the customer did not answer within the wait",
    Reason.FAVORABLE: "the customer says that it is solved",
    Reason.STARTED: "the rule takes this case",
    Reason.WAIT_NOT_OVER: "the wait is not over",
    Reason.OUTSIDE_SENDING_TIMES: "it is outside the sending times",
    Reason.CONTACT_BUDGET: "the customer got an automatic mail within the last day",
    Reason.HELD: "the case is on hold",
    Reason.PAUSED: "series are paused",
    Reason.APPOINTMENT: "an appointment is coming",
    Reason.OPEN_TASK: "a task of ours is due first",
    Reason.DEFERRED: "the customer asked for more time",
    Reason.AWAY: "the customer is away",
    Reason.RAMP: "the rule has just begun and goes slowly",
    Reason.DAY_AFTER_STOP: "nothing is resolved for one working day after a stop",
    Reason.CLOSING_DATE: "the customer was told this closing date",
    Reason.OWNER_HAS_ENOUGH: "the owner has got today's suggestions",
    Reason.SENDING: "a mail is being sent",
    Reason.SWITCHED_OFF: "follow-up and closure is switched off",
    Reason.STOPPED: "all sending is stopped",
    Reason.FLOW_OFF: "a flow is switched off",
    Reason.FOR_PERSON: "a person has to decide",
    Reason.GUARD: "the rule did more than usual today and waits for a manager's yes",
    Reason.DOUBT: "a mail may answer this case too",
    Reason.CONTACT_UPSET: "the customer is unhappy with another case",
    Reason.UNPROCESSED_MAIL: "mail that came in is not read yet",
    Reason.NO_PROOF: "the mailbox has not been read since the wait ended, so silence is not proven",
    Reason.ANSWERED: "the customer answered",
    Reason.UNTRUSTED_ANSWER: "an answer came from a sender we cannot be sure of",
    Reason.TOO_MANY_DEFERRALS: "the customer asked for more time too often",
    Reason.UNDELIVERABLE: "our mail could not be delivered",
    Reason.REFUSED: "the mail server refused our mail",
    Reason.UNCONFIRMED: "it is not certain that our mail was sent",
    Reason.GONE: "the customer no longer reads this address",
    Reason.WRONG_PERSON: "our mail reached the wrong person",
    Reason.NO_ADDRESS: "there is no address that can be reached",
    Reason.PROMISED: "we promised to get back",
    Reason.LIMIT_REACHED: "all follow-ups of the rule were sent",
    Reason.NO_NOTICE_GIVEN: "the customer was not told a closing date",
    Reason.BLOCKED: "something blocks it",
    Reason.UNKNOWN_SCHEMA: "this series was begun by another version of Caseloop",
    Reason.NOT_ACTIVE: "the case is not active",
    Reason.PROTECTED: "a protection forbids it",
    Reason.NO_AUTOMATION: "automation is switched off for this case",
    Reason.NO_RULE: "no rule takes this case",
    Reason.NOT_TRIGGERED: "the status reason is not the rule's trigger",
    Reason.RULE_OFF: "the rule was switched off",
    Reason.NO_MAIL_OF_OURS: "nobody has written to the customer yet",
    Reason.NEXT_MOVE_OURS: "the next move is ours",
    Reason.UNREAD: "nobody has opened the customer's last mail",
    Reason.ENDED_BY_PERSON: "a person stopped the follow-ups",
    Reason.OLD_SILENCE: "the silence began before the rule was active",
    Reason.NO_REPLY_NEEDED: "a person decided that no reply is needed",
    Reason.LATE_ANSWER: "the customer answered after the case was resolved",
    Reason.LATE_THANKS: "the customer only said thanks",
}

STOPS: dict[Stop, str] = {
    Stop.ANSWER: "The customer answers, or asks for more time",
    Stop.OUR_MAIL: "One of us writes to the customer",
    Stop.STATUS: "The status reason changes, or the case is resolved",
    Stop.RULE: "The rule no longer takes the case",
    Stop.PROTECTION: "A protection, a hold or a pause is set",
    Stop.DOUBT: "A mail comes in that may concern this case",
    Stop.BOUNCE: "A mail of ours bounces",
    Stop.NO_PROOF: "The mailbox cannot be read",
}


def reason_words(reason: Reason, detail: str = "") -> str:
    """Why, as half a sentence; the detail, where there is one, in brackets."""
    return f"{REASONS[reason]} ({detail})" if detail else REASONS[reason]


def sentence(reason: Reason, detail: str = "") -> str:
    """The same as a sentence."""
    words = reason_words(reason, detail)
    return words[0].upper() + words[1:] + "."


def end_words(reason: Reason, detail: str = "") -> str:
    """Why a series ended."""
    return sentence(reason, detail)


def why_words(look: Look, action: Action) -> list[str]:
    """Rule, trigger, wait: the reasons shown with an action (spec 3.11)."""
    lines = []
    if look.policy is not None:
        level = "full automation" if look.policy.level.value == "full" else "with confirmation"
        lines.append(f"Rule “{look.policy.name}”, {level}, version {look.policy.version}")
    lines.append(f"Status reason is {look.case.status_reason}")
    lines.append(sentence(action.reason, action.detail).rstrip("."))
    return lines


def stop_words(action: Action) -> list[str]:
    """What would stop the action, one line each."""
    return [STOPS[stop] for stop in action.would_stop]


def summary(look: Look, action: Action, now: datetime) -> str:
    """The card's summary: when the customer last answered, and what is next (spec 5.6)."""
    name = look.case.contact.name if look.case.contact else "The customer"
    answers = look.facts.answers
    if answers:
        when = f"{name} last answered on {answers[-1].at:%a %d %b %Y}."
    elif look.facts.mails:
        when = f"{name} has not answered since our mail of {look.facts.mails[0].at:%a %d %b %Y}."
    else:
        when = f"{name} has not got a mail from us yet."
    return f"{when} {_next(action)}"


def _next(action: Action) -> str:
    match action:
        case FollowUp(step=step) | PrepareDraft(step=step):
            return f"Next is follow-up {step}."
        case AskForReply():
            return f"{sentence(action.reason, action.detail)} A person has to reply."
        case Resolve():
            return f"Resolved: {reason_words(action.reason)}."
        case AskPerson():
            return sentence(action.reason, action.detail)
        case _:
            return sentence(action.reason, action.detail)


def resolution_words(look: Look, action: Resolve) -> str:
    """The text of an automatic resolution."""
    if action.is_favorable:
        return "The customer confirmed that it is solved."
    mails = look.facts.mails
    since = f" since {mails[0].at:%d %b %Y}" if mails else ""
    return f"The customer did not answer {len(mails)} emails{since}."

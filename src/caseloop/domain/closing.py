"""May the case be closed? What stands in the way of a closing, whoever wants it (spec 3.4, 3.7, 2.11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from caseloop.domain.actions import Action, AskPerson, Reason, SuggestionKind, Wait
from caseloop.domain.calendar import start_of_day
from caseloop.domain.counting import Count
from caseloop.domain.delivery import have_all_arrived
from caseloop.domain.facts import Facts
from caseloop.domain.policy import Level, Policy
from caseloop.domain.talk import absences

AWAY_WITHOUT_DATE = timedelta(days=7)
QUIET_AGAIN_AFTER = timedelta(hours=1)


def is_automatic(facts: Facts, policy: Policy) -> bool:
    """Whether the agent may act by itself: full automation, and no protection that asks for a person."""
    return policy.level is Level.FULL and facts.protection is None


def closing_obstacle(facts: Facts, now: datetime) -> Action | None:
    """What keeps an automatic closing from happening now, silence and proof aside."""
    if not facts.switches.closure_flow:
        return Wait(until=None, reason=Reason.FLOW_OFF, detail="case closure agent flow")
    if facts.guard.needs_yes:
        return Wait(until=None, reason=Reason.GUARD)
    if facts.guard.no_resolving_before is not None and facts.guard.no_resolving_before > now:
        return Wait(until=facts.guard.no_resolving_before, reason=Reason.DAY_AFTER_STOP)
    if not facts.guard.admits:
        return Wait(until=facts.guard.admits_again_at or now + timedelta(hours=1), reason=Reason.RAMP)
    blockers = facts.blockers + (("unsent mail",) if facts.has_draft else ())
    if blockers:
        return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.BLOCKED, detail="; ".join(blockers))
    opens_at = facts.window.next_opening(now, facts.customer_zone)
    if opens_at > now:
        return Wait(until=opens_at, reason=Reason.OUTSIDE_SENDING_TIMES)
    return None


def absence_obstacle(facts: Facts, since: datetime | None, now: datetime) -> Wait | None:
    """Away without a date: no closing within seven days of the notice (spec 3.7)."""
    notices = [a.at for a in absences(facts) if a.resume_on is None and (since is None or a.at > since)]
    if notices and notices[-1] + AWAY_WITHOUT_DATE > now:
        return Wait(until=notices[-1] + AWAY_WITHOUT_DATE, reason=Reason.AWAY)
    return None


def quiet_obstacle(facts: Facts, now: datetime) -> Wait | None:
    """A mailbox that is quiet far beyond its habit holds all closings (spec 3.3 d)."""
    quiet = [mailbox.address for mailbox in facts.mailboxes if mailbox.is_quiet]
    if quiet:
        return Wait(until=now + QUIET_AGAIN_AFTER, reason=Reason.NO_PROOF, detail=", ".join(quiet))
    return None


def silent_closing_obstacle(facts: Facts, state: Count, now: datetime) -> Action | None:
    """What keeps a closing for silence from happening now, whoever closes: delivery, absences, the announced date."""
    if not have_all_arrived(state):
        return AskPerson(kind=SuggestionKind.NEEDS_ATTENTION, reason=Reason.UNDELIVERABLE, ends=True)
    obstacle = absence_obstacle(facts, None, now) or quiet_obstacle(facts, now)
    if obstacle is not None:
        return obstacle
    closes_on = state.counted[-1].closes_on if state.counted else None
    if closes_on is not None:
        begins = start_of_day(closes_on, facts.customer_zone)
        if begins > now:
            opens_at = facts.window.next_opening(begins, facts.customer_zone)
            return Wait(until=opens_at, reason=Reason.CLOSING_DATE)
    return None


def lacks_notice(policy: Policy, state: Count) -> bool:
    """Whether the customer was never told the closing date, and the rule does not close without it (spec 3.4)."""
    return not policy.closes_without_notice and (not state.counted or state.counted[-1].closes_on is None)

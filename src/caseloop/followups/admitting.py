"""Which of the acts that a batch has decided on may be done now? (spec 2.11, 3.5)

Each case was decided on by itself; together they may be more than the ramp, the day's bound, or what an owner gets in
a day allow. The longest silence comes first; what is too much is decided again, knowing that there is no room.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from caseloop.domain.actions import AskPerson, FollowUp, PrepareDraft, Reason, Resolve, Start, SuggestionKind, Wait
from caseloop.domain.decide import decide
from caseloop.domain.facts import Guard
from caseloop.followups import guard
from caseloop.followups.gather import World
from caseloop.followups.gather_rows import suggested_today
from caseloop.followups.planned import Planned

MORE_LATER = timedelta(minutes=5)


def admitted(planned: Sequence[Planned], world: World, now: datetime) -> list[Planned]:
    """The same plans in the same order; those that there is no room for wait. For the transaction that does them."""
    late = _over_the_guard(planned, world, now) | _over_the_owners_day(planned, world, now)
    return [late.get(plan.look.case.id, plan) for plan in planned]


def _over_the_guard(planned: Sequence[Planned], world: World, now: datetime) -> dict[int, Planned]:
    by_rule: dict[int, list[Planned]] = defaultdict(list)
    for plan in planned:
        rule_id = _rule_that_acts(plan)
        if rule_id is not None:
            by_rule[rule_id].append(plan)
    if not by_rule:
        return {}
    wanted = {rule_id: len(plans) for rule_id, plans in by_rule.items()}
    late: dict[int, Planned] = {}
    for rule_id, left in guard.left_for(wanted, world.settings, now).items():
        waiting = sorted(by_rule[rule_id], key=_silent_since)
        room = min(left.by_ramp, left.by_day)
        needs_yes = left.by_day <= left.by_ramp
        for plan in waiting[room:]:
            full = replace(plan.look.facts.guard, admits=False, admits_again_at=left.again_at, needs_yes=needs_yes)
            late[plan.look.case.id] = _put_off(plan, full, now)
    return late


def _rule_that_acts(plan: Planned) -> int | None:
    """The rule that would act by itself, or take an old silence: what the guard counts."""
    match plan.action:
        case FollowUp() | Resolve():
            return plan.look.enrolment.rule_id if plan.look.enrolment else None
        case Start(is_old_silence=True):
            return plan.look.rule_now.pk if plan.look.rule_now else None
        case _:
            return None


def _silent_since(plan: Planned) -> datetime:
    mails = plan.look.facts.mails
    return mails[-1].at if mails else datetime.max.replace(tzinfo=UTC)


def _put_off(plan: Planned, full: Guard, now: datetime) -> Planned:
    look = replace(plan.look, facts=replace(plan.look.facts, guard=full))
    action = decide(look.facts, look.policy, now)
    if not isinstance(action, Wait):
        action = Wait(until=full.admits_again_at or now + MORE_LATER, reason=Reason.RAMP)
    return Planned(look=look, action=action)


def _over_the_owners_day(planned: Sequence[Planned], world: World, now: datetime) -> dict[int, Planned]:
    by_owner: dict[int, list[Planned]] = defaultdict(list)
    for plan in planned:
        if plan.look.case.owner_id is not None and _is_new_work(plan):
            by_owner[plan.look.case.owner_id].append(plan)
    if not by_owner:
        return {}
    given = Counter(suggested_today(by_owner, now))
    tomorrow = datetime.combine(now.astimezone(UTC).date(), time.min, UTC) + timedelta(days=1)
    late: dict[int, Planned] = {}
    for owner_id, plans in by_owner.items():
        room = max(0, world.settings.suggestions_per_day - given[owner_id])
        for plan in sorted(plans, key=_silent_since)[room:]:
            wait = Wait(until=tomorrow, reason=Reason.OWNER_HAS_ENOUGH)
            late[plan.look.case.id] = Planned(look=plan.look, action=wait)
    return late


def _is_new_work(plan: Planned) -> bool:
    """A follow-up or a closing suggested to the owner; what the customer asks for is never held back."""
    action = plan.action
    is_closing = isinstance(action, AskPerson) and action.kind is SuggestionKind.RESOLVE_CASE
    open_one = plan.look.facts.suggestion
    is_there = isinstance(action, AskPerson) and open_one is not None and open_one.kind is action.kind
    return isinstance(action, PrepareDraft) or (is_closing and action.reason is not Reason.FAVORABLE and not is_there)

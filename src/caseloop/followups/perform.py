"""*Act*: what was decided becomes rows, each kind of action in bulk, in the transaction that holds the leases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection

from caseloop.accounts.models import User
from caseloop.cases.models import Activity
from caseloop.cases.models.activity import ActivityKind
from caseloop.domain.actions import (
    Action,
    AskForReply,
    AskPerson,
    End,
    FollowUp,
    OpenLinkedCase,
    PassOn,
    PrepareDraft,
    ProveSilence,
    ReadReply,
    Reason,
    Reopen,
    Resolve,
    Start,
    SuggestionKind,
    Wait,
)
from caseloop.domain.counting import next_step_due
from caseloop.domain.lifecycle import EnrolmentState, SuggestionState
from caseloop.domain.policy import Level
from caseloop.followups import endings, guard, suggesting
from caseloop.followups.admitting import admitted
from caseloop.followups.gather import World
from caseloop.followups.models import Enrolment, Reading, Rule
from caseloop.followups.planned import Planned
from caseloop.followups.words import end_words
from caseloop.mail.models import Mailbox

PROOF_EXPECTED_WITHIN = timedelta(hours=1)  # the reader marks the case as soon as it has read
LOOK_AGAIN_AFTER = {
    Reason.CONTACT_UPSET: timedelta(hours=2),
    Reason.SENDING: timedelta(minutes=15),
    Reason.NO_PROOF: timedelta(minutes=15),
    Reason.FLOW_OFF: timedelta(hours=1),
    Reason.UNREAD: timedelta(hours=1),
}
"""What ends these waits happens elsewhere, and not all of it marks the cases that wait for it; so none is forgotten."""
MAKES_MOOT = frozenset(
    {
        Reason.WAIT_NOT_OVER,
        Reason.DEFERRED,
        Reason.AWAY,
        Reason.HELD,
        Reason.PAUSED,
        Reason.APPOINTMENT,
        Reason.OPEN_TASK,
        Reason.NOT_ACTIVE,
        Reason.SENDING,
    }
)
SETTLED_BY_ITSELF = (Reason.UNCONFIRMED.value, Reason.BLOCKED.value)
"""*Needs attention* for something that ended without anybody: the mail was found sent, the field was filled in."""
FOLLOW_UP_KINDS = (SuggestionKind.SEND_FOLLOW_UP, SuggestionKind.SEND_NEXT_FOLLOW_UP)


def perform(decided: Sequence[Planned], world: World, now: datetime) -> None:
    """Write down what was decided, as far as there is room; every case gets its next `review_at` and loses its lease.

    The caller holds the locks of the cases and their reviews. `now` is the time of the act, not of the look.
    """
    planned = admitted(decided, world, now)
    if all(isinstance(plan.action, Wait | ProveSilence) and plan.look.facts.suggestion is None for plan in planned):
        _prove([plan.action for plan in planned if isinstance(plan.action, ProveSilence)], now)
        _ask_for_yes(planned, world, now)
        _set_next_review(planned, set(), now)
        return
    agent = User.objects.application_user()
    _start([plan for plan in planned if isinstance(plan.action, Start)], world, agent, now)
    _pass_on([plan for plan in planned if isinstance(plan.action, PassOn)], world, now)
    _prove([plan.action for plan in planned if isinstance(plan.action, ProveSilence)], now)
    _keep_readings([plan for plan in planned if isinstance(plan.action, ReadReply)], now)
    _end([plan for plan in planned if _ends(plan.action)], agent, now)
    _drop_moot(planned, now)
    suggesting.follow_ups([p for p in planned if isinstance(p.action, FollowUp | PrepareDraft)], agent, now)
    suggesting.questions([p for p in planned if isinstance(p.action, AskForReply | AskPerson)], agent, now)
    _ask_for_yes(planned, world, now)
    endings.resolve([plan for plan in planned if isinstance(plan.action, Resolve)], agent, now)
    again: set[int] = set()
    for plan in planned:
        if isinstance(plan.action, Reopen | OpenLinkedCase):
            endings.bring_back(plan, agent, now)
        elif isinstance(plan.action, Start | PassOn | ReadReply | End):
            again.add(plan.look.case.id)
    _set_next_review(planned, again, now)


def _ask_for_yes(planned: Sequence[Planned], world: World, now: datetime) -> None:
    """Rules whose day is over its bound stand in the managers' list as long as a case waits for that."""
    waiting = [plan.look for plan in planned if isinstance(plan.action, Wait) and plan.action.reason is Reason.GUARD]
    rules = {look.enrolment.rule_id for look in waiting if look.enrolment}
    rules |= {look.rule_now.pk for look in waiting if look.rule_now and not look.enrolment}
    for rule in Rule.objects.filter(pk__any_of=rules).order_by("pk") if rules else ():
        guard.ask_for_yes(rule, "more acts in a day than its bound", now)


def _set_next_review(planned: Sequence[Planned], again: set[int], now: datetime) -> None:
    """When each case is looked at next; leases are given back. One statement for all of them.

    That a review is leased is asked in words that the planner has no statistics for: hardly any is, so it would take
    the leased ones for a single one, and compare each with each.
    """
    rows = [_next_review(plan, again, now) for plan in planned]
    closings = [_closes_next(plan) for plan in planned]
    rules = [plan.look.rule_now.pk if plan.look.rule_now else None for plan in planned]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_casereview r
               SET review_at = next.at, waits_for_proof = next.waits, closes_next = next.closes, rule_id = next.rule_id,
                   lease = NULL, leased_until = NULL, attempts = 0, last_error = ''
              FROM unnest(%s::bigint[], %s::timestamptz[], %s::boolean[], %s::boolean[], %s::bigint[])
                   AS next(id, at, waits, closes, rule_id)
             WHERE r.case_id = next.id AND num_nulls(r.lease) = 0""",
            [
                [plan.look.case.id for plan in planned],
                [at for at, _ in rows],
                [waits for _, waits in rows],
                closings,
                rules,
            ],
        )


def _next_review(plan: Planned, again: set[int], now: datetime) -> tuple[datetime | None, bool]:
    """When the case is looked at next, and whether it waits for a mailbox to be read."""
    match plan.action:
        case Wait(until=None, reason=reason):
            return _without_date(reason, now), False
        case Wait(until=until):
            return until, False
        case ProveSilence():
            return now + PROOF_EXPECTED_WITHIN, True
        case FollowUp(step=step) if plan.look.policy is not None:
            return next_step_due(plan.look.facts, plan.look.policy, step, now), False
        case _:
            return (now if plan.look.case.id in again else None), False


def _closes_next(plan: Planned) -> bool:
    """Whether a closing by the agent is what comes next if nothing comes between."""
    policy = plan.look.policy
    if policy is None or policy.level is not Level.FULL or plan.look.enrolment is None:
        return False
    match plan.action:
        case FollowUp(is_last=is_last):
            return is_last
        case Wait(until=until, step=step):
            return until is not None and step is None
        case ProveSilence(step=step):
            return step is None
        case _:
            return False


def _without_date(reason: Reason, now: datetime) -> datetime | None:
    """A wait that something else ends: a bound holds for its day, and what marks nobody is asked again."""
    if reason is Reason.GUARD:
        return guard.next_day(now)
    again_after = LOOK_AGAIN_AFTER.get(reason)
    return now + again_after if again_after else None


def _start(plans: list[Planned], world: World, agent: User, now: datetime) -> None:
    if not plans:
        return
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                case=plan.look.case,
                rule=plan.look.rule_now,
                rule_version=world.policies[plan.look.rule_now.pk].version,
                policy=world.policies[plan.look.rule_now.pk].to_json(),
                started_at=now,
                is_old_silence=isinstance(plan.action, Start) and plan.action.is_old_silence,
            )
            for plan in plans
            if plan.look.rule_now is not None
        ],
        ignore_conflicts=True,
    )
    _tell(plans, "Series started", lambda plan: f"Rule “{plan.look.rule_now}” took this case.", agent, now)


def _pass_on(plans: list[Planned], world: World, now: datetime) -> None:
    """The series goes on under another rule and keeps its count (spec 2.5)."""
    to_rule: dict[int, list[int]] = defaultdict(list)
    for plan in plans:
        if plan.look.rule_now is not None and plan.look.enrolment is not None:
            to_rule[plan.look.rule_now.pk].append(plan.look.enrolment.pk)
    for rule_id, enrolments in to_rule.items():
        policy = world.policies[rule_id]
        Enrolment.objects.filter(pk__any_of=enrolments, state=EnrolmentState.RUNNING.value).update(
            rule_id=rule_id, rule_version=policy.version, policy=policy.to_json(), may_finish=False
        )


def _prove(actions: list[ProveSilence], now: datetime) -> None:
    """Ask the readers of these mailboxes for a positive answer; they mark the waiting cases (spec 3.3)."""
    wanted = {pk for action in actions for pk in action.mailbox_ids}
    if wanted:
        Mailbox.objects.filter(pk__any_of=sorted(wanted)).update(read_wanted_at=now)


def _keep_readings(plans: list[Planned], now: datetime) -> None:
    if not plans:
        return
    rows = [
        Reading(
            message_id=plan.action.message_id,
            label=plan.reading.label,
            first_label=plan.reading.label,
            confidence=plan.reading.confidence,
            words=list(plan.reading.words),
            resume_on=plan.reading.resume_on,
            automatic_kind=plan.reading.automatic_kind.value if plan.reading.automatic_kind else "",
            is_only_thanks=plan.reading.is_only_thanks,
            is_wrong_person=plan.reading.is_wrong_person,
            read_by=plan.reading.made_by,
            read_at=now,
        )
        for plan in plans
        if isinstance(plan.action, ReadReply) and plan.reading is not None
    ]
    Reading.objects.bulk_create(rows, ignore_conflicts=True)


def _ends(action: Action) -> bool:
    return isinstance(action, End | AskForReply) or (isinstance(action, AskPerson) and action.ends)


def _end(plans: list[Planned], agent: User, now: datetime) -> None:
    by_reason: dict[Reason, list[Planned]] = defaultdict(list)
    for plan in plans:
        if plan.look.enrolment is not None:
            by_reason[plan.action.reason].append(plan)
    for reason, group in by_reason.items():
        ids = [plan.look.enrolment.pk for plan in group if plan.look.enrolment is not None]
        Enrolment.objects.filter(pk__any_of=ids, state=EnrolmentState.RUNNING.value).update(
            state=EnrolmentState.ENDED.value, ended_at=now, end_reason=reason.value, ended_by=agent
        )
        _tell(group, "Series ended", lambda plan: end_words(plan.action.reason, plan.action.detail), agent, now)
    _set_status_when_answered(plans, agent, now)


def _set_status_when_answered(plans: list[Planned], agent: User, now: datetime) -> None:
    for plan in plans:
        policy = plan.look.policy
        answered = plan.action.reason in (Reason.ANSWERED, Reason.FAVORABLE, Reason.UNTRUSTED_ANSWER)
        if policy is not None and policy.status_when_answered_id and answered:
            endings.set_status_reason(plan.look.case.id, policy.status_when_answered_id, agent, now)


def _drop_moot(planned: Sequence[Planned], now: datetime) -> None:
    """A suggested follow-up or closing whose moment has passed goes; its draft is discarded with it.

    One that is approved is let arrive while the series runs: it is the very mail that the case waits for.
    """
    gone, waiting, settled = [], [], []
    for plan in planned:
        action, open_one = plan.action, plan.look.facts.suggestion
        if open_one is None:
            continue
        if isinstance(action, End | Reopen | OpenLinkedCase | PassOn | Start):
            gone.append(plan.look.case.id)
        elif isinstance(action, Wait) and action.reason in MAKES_MOOT:
            waiting.append(plan.look.case.id)
            if open_one.reason in SETTLED_BY_ITSELF:
                settled.append(plan.look.case.id)
        elif isinstance(action, Wait) and open_one.reason == Reason.UNCONFIRMED.value and _is_settled(action.reason):
            settled.append(plan.look.case.id)
    kinds = (*FOLLOW_UP_KINDS, SuggestionKind.RESOLVE_CASE)
    suggesting.supersede(gone, now, only=kinds)
    suggesting.supersede(waiting, now, only=kinds, states=[SuggestionState.PROPOSED])
    suggesting.supersede(settled, now, only=[SuggestionKind.NEEDS_ATTENTION])


def _is_settled(waits_for: Reason) -> bool:
    """Whether what the case waits for now says that no mail is in doubt any more: it was found sent."""
    return waits_for not in (Reason.UNCONFIRMED, Reason.SWITCHED_OFF)


def _tell(plans: list[Planned], subject: str, body: Callable[[Planned], str], agent: User, now: datetime) -> None:
    if not plans:
        return
    Activity.objects.bulk_create(
        [
            Activity(
                case=plan.look.case,
                kind=ActivityKind.SERIES,
                subject=subject,
                body=body(plan),
                actor=agent,
                is_automatic=True,
                occurred_at=now,
            )
            for plan in plans
        ]
    )

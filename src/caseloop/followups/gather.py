"""*Look*: the facts of a batch of cases, in a fixed number of queries however many cases there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from caseloop.administration.models import GlobalSettings
from caseloop.cases.models import Case
from caseloop.domain.calendar import Pause as PauseOfTime
from caseloop.domain.counting import counts_since
from caseloop.domain.facts import (
    Absence,
    Answer,
    EndedSeries,
    Facts,
    Guard,
    MailboxState,
    OurMail,
    ProtectionEffect,
    RuleNow,
    Series,
    Switches,
)
from caseloop.domain.lifecycle import CaseStatus, RuleState
from caseloop.domain.policy import Policy
from caseloop.followups import calendars, gather_mail, gather_rows, guard
from caseloop.followups.conditions.matching import rule_of_cases
from caseloop.followups.conditions.moments import could_match_at
from caseloop.followups.conditions.protecting import protections_of_cases
from caseloop.followups.models import Enrolment, Pause, Protection, Rule
from caseloop.followups.policies import in_force, readable_policy_of

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Look:
    """One case as the batch saw it: its facts, the policy that is in force for it, and the rows behind them."""

    case: Case
    facts: Facts
    policy: Policy | None
    enrolment: Enrolment | None
    rule_now: Rule | None


@dataclass(slots=True)
class World:
    """What all cases of a batch share, read once.

    At the last look mails have had their place: in the ramp and the day's bound, in the contact budget, among the
    suggestions of today. That, and what only a closing or a letter asks, is not read again for them.
    """

    now: datetime
    settings: GlobalSettings
    switches: Switches
    calendars: calendars.Calendars
    active_rules: list[Rule]
    rules: dict[int, Rule]
    policies: dict[int, Policy]
    pauses: list[Pause]
    protections: list[Protection]
    guards: dict[int, Guard] = field(default_factory=dict)
    is_last_look: bool = False
    _copies: dict[int, tuple[dict[str, Any], Policy | None]] = field(default_factory=dict)

    @classmethod
    def at(cls, now: datetime, *, is_last_look: bool = False) -> World:
        """The settings, rules, pauses and protections as they are at `now`."""
        active = list(Rule.objects.filter(state=RuleState.ACTIVE.value).order_by("position", "id"))
        settings = GlobalSettings.current()
        policies = {rule.pk: readable_policy_of(rule) for rule in active}
        return cls(
            now=now,
            settings=settings,
            switches=_switches(settings),
            calendars=calendars.load(now.year),
            active_rules=active,
            rules={rule.pk: rule for rule in active},
            policies=policies,
            pauses=list(Pause.objects.all()),
            protections=list(Protection.objects.filter(is_active=True)),
            guards={} if is_last_look else guard.guards(active, settings, now),
            is_last_look=is_last_look,
        )

    def policy_in_force(self, enrolment: Enrolment) -> Policy | None:
        """What the series goes by now; most of a batch go by the same copy, which is read once."""
        last = self._copies.get(enrolment.rule_id)
        if last is None or last[0] != enrolment.policy:
            last = enrolment.policy, in_force(enrolment.policy, self.policies.get(enrolment.rule_id))
            self._copies[enrolment.rule_id] = last
        return last[1]

    def guard_also(self, rule_ids: Iterable[int]) -> None:
        """Rules that are switched off while their series may finish are guarded like the others."""
        missing = set(rule_ids) - self.guards.keys()
        if missing:
            rules = list(Rule.objects.filter(pk__in=missing))
            self.guards.update(guard.guards(rules, self.settings, self.now))


def _switches(settings: GlobalSettings) -> Switches:
    return Switches(
        is_on=settings.is_on,
        is_stopped=settings.stopped_at is not None,
        follow_up_flow=settings.flow_follow_up_on,
        closure_flow=settings.flow_closure_on,
        representative_flow=settings.flow_representative_on,
    )


def gather(case_ids: Sequence[int], now: datetime, world: World | None = None) -> dict[int, Look]:
    """The facts of each case that exists, by its id. Reads only; nothing is locked."""
    world = world or World.at(now)
    cases = (gather_rows.bare_cases if world.is_last_look else gather_rows.cases)(case_ids)
    ids = [case.pk for case in cases]
    if not ids:
        return {}
    rule_ids = rule_of_cases(ids, world.active_rules, now)
    unmatched = [pk for pk in ids if rule_ids.get(pk) is None]
    addresses = gather_rows.addresses(cases)
    rows = _Rows(
        rule_ids=rule_ids,
        could_match=could_match_at(unmatched, world.active_rules, now) if unmatched else {},
        protections=protections_of_cases(ids, world.protections, now),
        enrolments={row.case_id: row for row in gather_rows.running(ids)},
        mails=_grouped(gather_mail.our_mails(ids)),
        inbound=_grouped(gather_mail.inbound(ids)),
        contacts=_grouped(gather_rows.recorded_contacts(ids)),
        work=_grouped(gather_rows.open_work(ids, now)),
        doubts=_grouped(gather_mail.doubts(ids)),
        mailboxes=_grouped(gather_mail.mailboxes(ids)),
        actions=gather_rows.actions(ids),
        recipients=gather_rows.recipients(cases, addresses),
        ended_series=_grouped(gather_rows.ended_series(ids)),
        resolved=dict(gather_rows.resolved_at(cases)),
        upset=gather_rows.upset_contacts(cases),
        drafts=gather_mail.cases_with_drafts(ids),
    )
    if not world.is_last_look:
        rows.budget = gather_rows.budget(cases, addresses, world.settings.contact_budget_hours)
        rows.room = gather_rows.owner_room(cases, world.settings.suggestions_per_day, now)
        rows.blockers = gather_rows.blockers(cases)
        world.guard_also(row.rule_id for row in rows.enrolments.values())
    return {case.pk: _look(case, rows, world) for case in cases}


@dataclass(slots=True)
class _Rows:
    rule_ids: dict[int, int | None]
    could_match: dict[int, datetime]
    protections: dict[int, Protection]
    enrolments: dict[int, Enrolment]
    mails: dict[int, list[OurMail]]
    inbound: dict[int, list[Answer | Absence]]
    contacts: dict[int, list[tuple[str, datetime]]]
    work: dict[int, list[tuple[str, datetime]]]
    doubts: dict[int, list[int]]
    mailboxes: dict[int, list[MailboxState]]
    actions: gather_rows.Actions
    recipients: dict[int, bool]
    ended_series: dict[int, list[tuple[EndedSeries, bool]]]
    resolved: dict[int, datetime]
    upset: set[int]
    drafts: set[int]
    budget: dict[int, datetime] = field(default_factory=dict)
    room: dict[int, datetime] = field(default_factory=dict)
    blockers: dict[int, tuple[str, ...]] = field(default_factory=dict)


def _grouped(pairs: Iterable[tuple[int, Row]]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for case_id, row in pairs:
        groups[case_id].append(row)
    return groups


def _look(case: Case, rows: _Rows, world: World) -> Look:
    pk = case.pk
    enrolment = rows.enrolments.get(pk)
    rule_now = world.rules.get(rows.rule_ids.get(pk) or 0)
    policy = world.policy_in_force(enrolment) if enrolment else None
    shown = policy or (world.policies.get(rule_now.pk) if rule_now else None)
    protection = rows.protections.get(pk)
    answers, absences = _answers(rows.inbound[pk], rows.contacts[pk])
    rule_id = enrolment.rule_id if enrolment else rule_now.pk if rule_now else None
    facts = Facts(
        case_id=pk,
        status=CaseStatus(case.status),
        status_reason_id=case.status_reason_id,
        switches=world.switches,
        calendar=world.calendars.calendar_of(shown),
        window=world.calendars.window_of(shown),
        customer_zone=gather_rows.zone_of(case, rows.mailboxes[pk]),
        series=_series(enrolment, policy, rows, answers),
        ended_series=tuple(series for series, _ in rows.ended_series[pk]),
        rule_now=_rule_now(rule_now, world),
        rule_could_match_at=rows.could_match.get(pk),
        series_rule_is_active=enrolment is None or enrolment.rule_id in world.policies,
        protection=ProtectionEffect(protection.effect) if protection else None,
        protection_name=protection.name if protection else "",
        no_automation=case.no_automation,
        hold_until=case.hold_until,
        pauses=_pauses(case, rule_id, world),
        mails=tuple(rows.mails[pk]),
        has_draft=pk in rows.drafts,
        answers=answers,
        absences=absences,
        called_at=_latest(at for kind, at in rows.contacts[pk] if kind == "out"),
        appointment_ends_at=_latest(at for kind, at in rows.work[pk] if kind == "appointment"),
        task_due_at=_latest(at for kind, at in rows.work[pk] if kind == "task"),
        doubts=tuple(rows.doubts[pk]),
        contact_is_upset=pk in rows.upset,
        has_recipient=rows.recipients.get(pk, False),
        budget_free_at=rows.budget.get(pk),
        owner_has_room_at=rows.room.get(pk),
        mailboxes=tuple(rows.mailboxes[pk]),
        suggestion=rows.actions.open.get(pk),
        guard=world.guards.get(rule_id or 0, Guard()),
        blockers=rows.blockers.get(pk, ()),
        ended_by_person_at=_latest(series.ended_at for series, by_person in rows.ended_series[pk] if by_person),
        resolved_at=rows.resolved.get(pk),
        reopen_window_days=world.settings.reopen_window_days,
        is_context_with_customer=gather_mail.leaves_next_move_with_customer(case, rows.mails[pk]),
    )
    return Look(case, facts, policy, enrolment, rule_now)


def _rule_now(rule: Rule | None, world: World) -> RuleNow | None:
    if rule is None or rule.activated_at is None:
        return None
    return RuleNow(
        policy=world.policies[rule.pk],
        activated_at=rule.activated_at,
        takes_silences_up_to_days=rule.takes_silences_up_to_days,
    )


def _series(
    enrolment: Enrolment | None, policy: Policy | None, rows: _Rows, answers: tuple[Answer, ...]
) -> Series | None:
    if enrolment is None:
        return None
    ended = [series for series, _ in rows.ended_series[enrolment.case_id]]
    return Series(
        started_at=enrolment.started_at,
        counts_since=counts_since(enrolment.started_at, ended, rows.mails[enrolment.case_id], answers),
        is_old_silence=enrolment.is_old_silence,
        may_finish=enrolment.may_finish,
        skips=tuple(at for series, at in rows.actions.skips.get(enrolment.case_id, ()) if series == enrolment.pk),
        has_known_schema=policy is not None,
    )


def _answers(
    inbound: list[Answer | Absence], contacts: list[tuple[str, datetime]]
) -> tuple[tuple[Answer, ...], tuple[Absence, ...]]:
    answers = [row for row in inbound if isinstance(row, Answer)]
    answers += [gather_rows.recorded_answer(at) for kind, at in contacts if kind == "in"]
    absences = [row for row in inbound if isinstance(row, Absence)]
    by_time: Callable[[Any], datetime] = lambda row: row.at  # noqa: E731
    return tuple(sorted(answers, key=by_time)), tuple(sorted(absences, key=by_time))


def _pauses(case: Case, rule_id: int | None, world: World) -> tuple[PauseOfTime, ...]:
    return tuple(
        PauseOfTime(pause.since, pause.until)
        for pause in world.pauses
        if (pause.queue_id is None or pause.queue_id == case.queue_id)
        and (pause.rule_id is None or pause.rule_id == rule_id)
        and (pause.organization_id is None or pause.organization_id == case.organization_id)
    )


def _latest(moments: Iterable[datetime]) -> datetime | None:
    return max(moments, default=None)

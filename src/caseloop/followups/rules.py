"""The verbs of rules: save, activate, deactivate, reorder; each one transaction, refused with a sentence (spec 2.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from caseloop.accounts.models import User
from caseloop.administration.models import FlowKey, GlobalSettings
from caseloop.cases.errors import NotAllowed
from caseloop.cases.marking import mark
from caseloop.domain.calendar import Duration, InvalidDuration
from caseloop.domain.lifecycle import RULE, EnrolmentState, IllegalMove, RuleEvent, RuleState, move
from caseloop.domain.policy import Level
from caseloop.followups import guard
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.reading import parse
from caseloop.followups.errors import RuleError
from caseloop.followups.models import Enrolment, Rule
from caseloop.followups.policies import freeze
from caseloop.followups.waiting import mark_waiting
from caseloop.letters.closing_date import mentions_closing_date
from caseloop.letters.compiling import LetterSource
from caseloop.letters.models import EmailTemplateText

PLAIN_FIELDS = (
    "name",
    "level",
    "trigger_status_reason",
    "trigger_context",
    "follow_ups",
    "templates",
    "counts_persons_mail",
    "calendar",
    "sending_times",
    "drafting_fields",
    "resolution_fields",
    "daily_cap",
    "on_favorable",
    "status_when_answered",
    "status_after_step",
    "status_at_resolve",
    "closes_without_notice",
    "sends_closing_notice",
    "takes_silences_up_to_days",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFields:
    """A rule as somebody wants it: values of `PLAIN_FIELDS`, and conditions and waits still to be checked."""

    waits: Sequence[str]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    plain: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def save_rule(fields: RuleFields, *, actor: User, now: datetime, rule: Rule | None = None) -> Rule:
    """A new rule, inactive and last in order, or a new version of one; raises `RuleError` and changes nothing.

    A rule that says the same as before keeps its version. An active rule stays active: what its new version asks less
    of holds at once for running series (spec 2.7).
    """
    _check_role(actor)
    row = (
        Rule.objects.select_for_update(of=("self",), no_key=True).get(pk=rule.pk)
        if rule
        else Rule(position=_last_position() + 1)
    )
    before = _contents(row)
    for name, value in fields.plain.items():
        if name not in PLAIN_FIELDS:
            raise RuleError(f"A rule has no field “{name}”.", name)
        setattr(row, name, value)
    row.waits = list(fields.waits)
    row.conditions = dict(fields.conditions)
    check(row)
    if rule is None:
        row.state = RuleState.INACTIVE.value
        row.save()
        return row
    if _contents(row) == before:
        return row
    _check_raise(row, before)
    row.version += 1
    row.confirmed_by = None  # a yes was to what the rule said before
    row.save()
    if row.state == RuleState.ACTIVE.value:
        _check_activation(row)
        freeze(row, actor, now)
        _mark_running(row, now)
    return row


def _check_raise(row: Rule, before: Mapping[str, Any]) -> None:
    """An active rule doesn't become fully automatic by being saved: that takes an activation, and its second yes."""
    is_raised = row.level == Level.FULL.value and before["level"] != Level.FULL.value
    if is_raised and row.state == RuleState.ACTIVE.value:
        raise RuleError("Deactivate the rule before it becomes fully automatic; then activate it again.", "level")


def _contents(rule: Rule) -> dict[str, Any]:
    fields = [rule._meta.get_field(name).attname for name in PLAIN_FIELDS]  # type: ignore[union-attr]
    return {name: getattr(rule, name) for name in (*fields, "waits", "conditions")}


def check(rule: Rule) -> None:
    """Everything that is wrong whatever the state of the rule; raises `RuleError` naming the field."""
    if not rule.name.strip() or len(rule.name) > 100:
        raise RuleError("A rule needs a name of 1 to 100 characters.", "name")
    if Rule.objects.filter(name=rule.name).exclude(pk=rule.pk).exists():
        raise RuleError(f"There is a rule named “{rule.name}” already.", "name")
    if not 1 <= rule.follow_ups <= 5:
        raise RuleError(f"A rule has 1 to 5 follow-ups, not {rule.follow_ups}.", "follow_ups")
    if len(rule.waits) != rule.follow_ups:
        raise RuleError(
            f"Each follow-up needs a wait: {rule.follow_ups} of them, not {len(rule.waits)}.",
            "waits",
        )
    for number, wait in enumerate(rule.waits, start=1):
        try:
            Duration.parse(wait)
        except InvalidDuration as error:
            raise RuleError(f"Wait {number}: {error}", "waits") from error
    if len(rule.templates) > rule.follow_ups:
        raise RuleError("There are more templates than follow-ups.", "templates")
    reason = rule.trigger_status_reason
    if reason is None and not rule.trigger_context:
        raise RuleError("A rule needs a trigger: a status reason, or the context.", "trigger_status_reason")
    if reason is not None and reason.status != "active":
        raise RuleError(f"“{reason}” is no status reason of an active case.", "trigger_status_reason")
    if rule.status_at_resolve is not None and rule.status_at_resolve.status != "resolved":
        raise RuleError(f"“{rule.status_at_resolve}” is no reason of a resolved case.", "status_at_resolve")
    try:
        parse(rule.conditions)
    except BadCondition as error:
        raise RuleError(f"Conditions: {error}", "conditions") from error


@transaction.atomic
def activate(rule_id: int, *, actor: User, now: datetime, takes_silences_up_to_days: int | None = None) -> Rule:
    """The rule takes cases from now on. Silences that began before are left, unless taken up to an age (spec 2.13).

    Full automation needs a second administrator's yes where that is switched on: the one who asks first is kept, and
    somebody else's activation then makes it active.
    """
    _check_role(actor)
    rule = Rule.objects.select_for_update(no_key=True).get(pk=rule_id)
    check(rule)
    _check_activation(rule)
    _check_flows(rule)
    settings = GlobalSettings.current()
    if rule.level == Level.FULL.value and settings.needs_second_yes and not _second_yes(rule, actor):
        rule.save(update_fields=["confirmed_by"])
        return rule
    _move(rule, RuleEvent.ACTIVATE)
    rule.activated_at, rule.activated_by = now, actor
    rule.takes_silences_up_to_days = takes_silences_up_to_days
    rule.save()
    freeze(rule, actor, now)
    mark_waiting(now)  # before the ramp's row, as the loop takes them
    guard.begin(rule, now)
    return rule


def _second_yes(rule: Rule, actor: User) -> bool:
    if rule.confirmed_by_id is not None and rule.confirmed_by_id != actor.pk:
        return True
    rule.confirmed_by = actor
    return False


def _check_activation(rule: Rule) -> None:
    """Under full automation the last mail has to say the closing date, unless the rule closes without notice."""
    if rule.level != Level.FULL.value or rule.closes_without_notice:
        return
    last = rule.templates[rule.follow_ups - 1] if len(rule.templates) == rule.follow_ups else None
    if last is None:
        return
    for text in EmailTemplateText.objects.filter(template_id=last):
        if not mentions_closing_date(LetterSource(text.subject, text.body, text.language)):
            raise RuleError(
                f"The last follow-up's template doesn't say the closing date in “{text.language}”."
                " Add {{ closes_on }} to it, or tick “close without notice”.",
                "templates",
            )


def _check_flows(rule: Rule) -> None:
    settings = GlobalSettings.current()
    full = rule.level == Level.FULL.value
    needed = [("case follow-up agent flow", settings.flow_follow_up_on)]
    needed.append(
        ("case closure agent flow", settings.flow_closure_on)
        if full
        else ("case closure representative flow", settings.flow_representative_on)
    )
    off = [name for name, is_on in needed if not is_on]
    if off:
        raise RuleError(f"The rule needs the {' and the '.join(off)}, which is off. Switch it on first.")


@transaction.atomic
def deactivate(rule_id: int, *, actor: User, now: datetime, series_may_finish: bool = False) -> Rule:
    """The rule takes no more cases; running series end, or finish when asked to (spec 2.6)."""
    _check_role(actor)
    rule = Rule.objects.select_for_update(no_key=True).get(pk=rule_id)
    _move(rule, RuleEvent.DEACTIVATE)
    rule.confirmed_by = None
    rule.save()
    running = Enrolment.objects.filter(rule=rule, state=EnrolmentState.RUNNING.value)
    running.update(may_finish=series_may_finish)
    _mark_running(rule, now)
    return rule


@transaction.atomic
def shadow(rule_id: int, *, actor: User, now: datetime) -> Rule:
    """The rule only looks: it never takes a case (spec 2.10)."""
    _check_role(actor)
    rule = Rule.objects.select_for_update(no_key=True).get(pk=rule_id)
    _move(rule, RuleEvent.SHADOW)
    rule.save()
    _mark_running(rule, now)
    return rule


@transaction.atomic
def reorder(rule_ids: Sequence[int], *, actor: User, now: datetime) -> None:
    """All rules in their new order; a case may pass to another rule and keeps its count (spec 2.5)."""
    _check_role(actor)
    known = set(Rule.objects.select_for_update(no_key=True).values_list("pk", flat=True))
    if set(rule_ids) != known or len(rule_ids) != len(known):
        raise RuleError("The order has to name every rule once. Load the list again.")
    for position, pk in enumerate(rule_ids, start=1):
        Rule.objects.filter(pk=pk).update(position=position)
    mark_waiting(now)


@transaction.atomic
def switch(is_on: bool, *, actor: User, now: datetime) -> GlobalSettings:
    """The master switch (spec 1.4). After hours of being off, ramps begin again as after any stop (spec 2.11)."""
    return _change_settings({"is_on": is_on}, actor, now)


@transaction.atomic
def stop_all_sending(is_stopped: bool, *, actor: User, now: datetime) -> GlobalSettings:
    """The kill switch: automatic mail and closings stop within seconds; people can go on writing."""
    stopped_at, stopped_by = (now, actor) if is_stopped else (None, None)
    return _change_settings({"stopped_at": stopped_at, "stopped_by": stopped_by}, actor, now)


@transaction.atomic
def switch_flow(flow: FlowKey, is_on: bool, *, actor: User, now: datetime) -> GlobalSettings:
    """One of the three flows; what waited for it is looked at (spec 1.5)."""
    return _change_settings({FLOW_SWITCHES[flow]: is_on}, actor, now)


FLOW_SWITCHES = {
    FlowKey.FOLLOW_UP: "flow_follow_up_on",
    FlowKey.CLOSURE: "flow_closure_on",
    FlowKey.REPRESENTATIVE: "flow_representative_on",
}


def _change_settings(changes: Mapping[str, Any], actor: User, now: datetime) -> GlobalSettings:
    """The change, the marks, and the ramps after a stop, all or nothing."""
    _check_role(actor)
    GlobalSettings.current()
    settings = GlobalSettings.objects.select_for_update(of=("self",)).get(id=1)
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.save(update_fields=list(changes))
    mark_waiting(now)
    guard.heartbeat(now)
    return settings


def _move(rule: Rule, event: RuleEvent) -> None:
    try:
        rule.state = move(RULE, RuleState(rule.state), event).value
    except IllegalMove as error:
        raise RuleError(f"The rule “{rule}” is {rule.state}; it cannot be {event.value}d from there.") from error


def _check_role(actor: User) -> None:
    if not actor.may_configure:
        raise NotAllowed("Only managers and administrators change rules. Ask one of them.")


def _last_position() -> int:
    return Rule.objects.aggregate(last=Max("position"))["last"] or 0


def _mark_running(rule: Rule, now: datetime) -> None:
    ids = Enrolment.objects.filter(rule=rule, state=EnrolmentState.RUNNING.value).values_list("case_id", flat=True)
    mark(ids, now)

"""Rules: the list, one of them, saving, and what switches them (spec 2.1, 2.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from ninja import Query
from pydantic import BaseModel, Field

from caseloop.accounts.access import WorkspaceRequest
from caseloop.administration.models import BusinessCalendar, SendingTimes
from caseloop.api.lookup import named_row
from caseloop.api.paging import PageOf, Paging, page_of
from caseloop.api.refusals import Refused, existing
from caseloop.api.routes import Routes
from caseloop.api.scopes import Scope
from caseloop.api.values import Flag, Id, Input, Named, Words, named
from caseloop.cases.models import StatusReason
from caseloop.domain.policy import Level, OnFavorable
from caseloop.followups import guard, rules
from caseloop.followups.conditions.reading import Stored, each_stored
from caseloop.followups.conditions.sentence import sentence
from caseloop.followups.models import GuardDay, Rule
from caseloop.letters.models import EmailTemplate

routes = Routes("Rules", for_managers="Rules are for managers.")
MOST_DAYS = 3650
REASONS = ("trigger_status_reason", "status_when_answered", "status_after_step", "status_at_resolve")


class RuleSaid(BaseModel):
    """A rule as it is now; running series keep a copy."""

    id: int = Field(description="Its id.")
    name: str = Field(description="Its name.")
    position: int = Field(description="Its place in the order; a case takes the first active rule that matches.")
    state: str = Field(description="inactive, shadow, active or broken.")
    broken_reason: str = Field(description="Why it is broken, or empty.")
    conditions: dict[str, Any] = Field(description="The condition as a tree; {} is every active case.")
    conditions_in_words: str = Field(description="The condition as a sentence, or what is wrong with it.")
    level: str = Field(description="confirm or full.")
    trigger_status_reason: Named | None = Field(description="The status reason that triggers it.")
    trigger_context: bool = Field(description="Whether our last mail leaving the next move to the customer does.")
    follow_ups: int = Field(description="How many follow-ups, 1 to 5.")
    waits: list[str] = Field(description="The wait after each follow-up, like 48 hours or 2 working days.")
    templates: list[int | None] = Field(description="Id of the template of each follow-up; null is chosen.")
    counts_persons_mail: bool = Field(description="Whether the last mail of a person is follow-up 1.")
    calendar: Named | None = Field(description="The business calendar; null is the default one.")
    sending_times: Named | None = Field(description="The sending times; null are the default ones.")
    drafting_fields: list[str] = Field(description="The case fields that drafts may use; empty is the usual ones.")
    resolution_fields: list[str] = Field(description="The fields that feed the resolution; empty is the usual ones.")
    daily_cap: int | None = Field(description="At most so many acts a day.")
    on_favorable: str = Field(description="What a favorable answer does: keep, suggest or resolve.")
    status_when_answered: Named | None = Field(description="The status reason that an answer sets.")
    status_after_step: Named | None = Field(description="The status reason that a follow-up sets.")
    status_at_resolve: Named | None = Field(description="The status reason at the end; null is No Response.")
    closes_without_notice: bool = Field(description="Whether it may close without having said the date.")
    sends_closing_notice: bool = Field(description="Whether a closing notice follows.")
    version: int = Field(description="Grows with each change.")
    activated_at: datetime | None = Field(description="When it was activated last (UTC).")
    waits_for_second_yes_after: Named | None = Field(description="Who asked to activate it; somebody else has to, too.")
    guard_reason: str | None = Field(description="Why it waits for a manager's yes today, if it does.")
    running_series: int = Field(description="How many series run.")


class RuleFilters(Paging):
    state: Literal["inactive", "shadow", "active", "broken"] | None = Field(
        default=None, description="Only in this state."
    )
    q: Words = Field(default="", description="Words in the name.")


class RuleInput(Input):
    """A rule, whole: what is left out has its default."""

    name: str = Field(max_length=100, description="1 to 100 characters, unlike every other rule's.")
    conditions: dict[str, Any] = Field(
        default_factory=dict, description='{} is every active case; else {"field", "operator", "value"}, all, any, not.'
    )
    level: Level = Field(Level.CONFIRM, description="confirm: a person sends and resolves. full: it does so by itself.")
    trigger_status_reason_id: Id | None = Field(
        default=None, description="A reason of active cases; this or the context."
    )
    trigger_context: Flag = Field(
        default=False, description="Starts when our last mail leaves the next move to the customer."
    )
    follow_ups: int = Field(default=3, strict=True, ge=1, le=5, description="How many follow-ups, 1 to 5.")
    waits: list[str] = Field(description='One wait for each follow-up: "48 hours", "2 days", "2 working days".')
    templates: list[Id | None] = Field(
        default_factory=list, max_length=5, description="Id of an email template for each follow-up; null is chosen."
    )
    counts_persons_mail: Flag = Field(default=True, description="The last mail of a person is follow-up 1.")
    calendar_id: Id | None = Field(default=None, description="A business calendar; null is the default one.")
    sending_times_id: Id | None = Field(default=None, description="Sending times; null are the default ones.")
    drafting_fields: list[str] = Field(default_factory=list, max_length=50, description="Case fields for drafts.")
    resolution_fields: list[str] = Field(default_factory=list, max_length=50, description="Fields for the resolution.")
    daily_cap: int | None = Field(
        default=None, strict=True, ge=1, le=1_000_000, description="At most so many acts a day."
    )
    on_favorable: OnFavorable = Field(OnFavorable.KEEP, description="What a favorable answer does.")
    status_when_answered_id: Id | None = Field(default=None, description="The status reason that an answer sets.")
    status_after_step_id: Id | None = Field(default=None, description="The status reason that a follow-up sets.")
    status_at_resolve_id: Id | None = Field(
        default=None, description="A reason of resolved cases; null is No Response."
    )
    closes_without_notice: Flag = Field(default=False, description="It may close without having said the date.")
    sends_closing_notice: Flag = Field(default=True, description="A closing notice says how to reopen.")


class RuleReplacement(RuleInput):
    version: int | None = Field(
        default=None,
        strict=True,
        description="The version that the change was made on: 409 if it is not the present one.",
    )


class ActivationInput(Input):
    takes_silences_up_to_days: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=MOST_DAYS,
        description="Takes silences that began before, if younger than so many days; null leaves them all.",
    )


class DeactivationInput(Input):
    series_may_finish: Flag = Field(default=False, description="Whether running series finish, or end now.")


class OrderInput(Input):
    rule_ids: list[Id] = Field(description="The ids of all rules, each once, in the new order.")


@routes.get("/rules", PageOf[RuleSaid], Scope.RULES_READ)
def list_rules(request: WorkspaceRequest, filters: Query[RuleFilters]) -> PageOf[RuleSaid]:
    """List the rules. In the order in which they are tried."""
    rows = _rows(request.now)
    if filters.state:
        rows = rows.filter(state=filters.state)
    rows = rows.filter(name__icontains=filters.q) if filters.q else rows
    page = page_of(rows.order_by("position", "pk"), filters, lambda row: row)
    sentences = _sentences(page.items)
    items = [_said(row, words) for row, words in zip(page.items, sentences, strict=True)]
    return PageOf(items=items, page=page.page, page_size=page.page_size, has_next=page.has_next)


@routes.post("/rules", RuleSaid, Scope.RULES_WRITE, status=201)
def create_rule(request: WorkspaceRequest, rule: RuleInput) -> RuleSaid:
    """Make a rule. It is inactive, and last in the order."""
    made = rules.save_rule(_fields(rule), actor=request.user, now=request.now)
    return _alone(made.pk, request)


@routes.put("/rules/order", PageOf[RuleSaid], Scope.RULES_WRITE)
def order_rules(request: WorkspaceRequest, order: OrderInput) -> PageOf[RuleSaid]:
    """Put the rules in order. A case may pass to another rule, and keeps its count."""
    rules.reorder(order.rule_ids, actor=request.user, now=request.now)
    return list_rules(request, RuleFilters(page=1, page_size=100))


@routes.get("/rules/{int:rule_id}", RuleSaid, Scope.RULES_READ)
def get_rule(request: WorkspaceRequest, rule_id: int) -> RuleSaid:
    """Get one rule."""
    return _alone(rule_id, request)


@routes.put("/rules/{int:rule_id}", RuleSaid, Scope.RULES_WRITE)
def replace_rule(request: WorkspaceRequest, rule_id: int, rule: RuleReplacement) -> RuleSaid:
    """Replace a rule. One that is active stays so: what it asks less of holds at once, what it asks more of for new
    series."""
    with transaction.atomic():
        row = existing(Rule.objects.select_for_update().filter(pk=rule_id).first(), f"rule {rule_id}")
        if rule.version not in (None, row.version):
            raise Refused(409, "changed_meanwhile", f"The rule has version {row.version} now. Load it again.")
        rules.save_rule(_fields(rule), actor=request.user, now=request.now, rule=row)
    return _alone(rule_id, request)


@routes.post("/rules/{int:rule_id}/activation", RuleSaid, Scope.RULES_WRITE)
def activate_rule(request: WorkspaceRequest, rule_id: int, activation: ActivationInput | None = None) -> RuleSaid:
    """Activate a rule. Under full automation it may wait for a second person: then `state` stays as it was."""
    days = (activation or ActivationInput()).takes_silences_up_to_days
    rule = _existing(rule_id, request.now)
    rules.activate(rule.pk, actor=request.user, now=request.now, takes_silences_up_to_days=days)
    return _alone(rule_id, request)


@routes.post("/rules/{int:rule_id}/deactivation", RuleSaid, Scope.RULES_WRITE)
def deactivate_rule(request: WorkspaceRequest, rule_id: int, deactivation: DeactivationInput | None = None) -> RuleSaid:
    """Deactivate a rule. It takes no more cases; running series end, or finish when you say so."""
    may_finish = (deactivation or DeactivationInput()).series_may_finish
    rules.deactivate(
        _existing(rule_id, request.now).pk, actor=request.user, now=request.now, series_may_finish=may_finish
    )
    return _alone(rule_id, request)


@routes.post("/rules/{int:rule_id}/shadow", RuleSaid, Scope.RULES_WRITE)
def shadow_rule(request: WorkspaceRequest, rule_id: int) -> RuleSaid:
    """Let a rule only look. It records what it would do, and takes no case."""
    rules.shadow(_existing(rule_id, request.now).pk, actor=request.user, now=request.now)
    return _alone(rule_id, request)


@routes.post("/rules/{int:rule_id}/allowance", RuleSaid, Scope.RULES_WRITE)
def allow_today(request: WorkspaceRequest, rule_id: int) -> RuleSaid:
    """Let a rule go on for the rest of the day, when it did more than usual and waits for a manager's yes."""
    rule = _existing(rule_id, request.now)
    if rule.guard_reason is None:
        raise Refused(409, "illegal_move", "This rule does not wait for anybody's yes today.")
    guard.allow_today(rule, request.user, request.now)
    return _alone(rule_id, request)


def _fields(rule: RuleInput) -> rules.RuleFields:
    """The rule as `save_rule` takes it, ids made rows."""
    _check_templates(rule)
    plain = rule.model_dump(
        include={"name", "trigger_context", "follow_ups", "templates", "counts_persons_mail", "drafting_fields"}
        | {"resolution_fields", "daily_cap", "closes_without_notice", "sends_closing_notice"}
    )
    plain |= {"level": rule.level.value, "on_favorable": rule.on_favorable.value}
    plain |= {name: named_row(StatusReason, getattr(rule, f"{name}_id"), f"{name}_id") for name in REASONS}
    plain["calendar"] = named_row(BusinessCalendar, rule.calendar_id, "calendar_id")
    plain["sending_times"] = named_row(SendingTimes, rule.sending_times_id, "sending_times_id")
    return rules.RuleFields(waits=rule.waits, conditions=rule.conditions, plain=plain)


def _check_templates(rule: RuleInput) -> None:
    asked = {template for template in rule.templates if template is not None}
    missing = asked - set(EmailTemplate.objects.filter(pk__in=asked).values_list("pk", flat=True))
    if missing:
        raise Refused(422, "invalid", f"There is no email template {min(missing)}.", "templates")


def _rows(now: datetime) -> QuerySet[Any]:
    waiting = GuardDay.objects.filter(rule=OuterRef("pk"), day=now.date(), allowed_by__isnull=True)
    return Rule.objects.select_related(*REASONS, "calendar", "sending_times", "confirmed_by").annotate(
        running_series=Count("enrolments", filter=Q(enrolments__state="running")),
        guard_reason=Subquery(waiting.values("reason")[:1]),
    )


def _existing(rule_id: int, now: datetime) -> Any:
    return existing(_rows(now).filter(pk=rule_id).first(), f"rule {rule_id}")


def _alone(rule_id: int, request: WorkspaceRequest) -> RuleSaid:
    row = _existing(rule_id, request.now)
    return _said(row, _sentences([row])[0])


def _sentences(rows: list[Any]) -> list[str]:
    """What each condition says; one query at most, however many rules."""
    return [
        sentence(found.condition) if isinstance(found, Stored) else f"cannot be understood: {found}"
        for found in each_stored(rows)
    ]


PLAIN = (
    *("id", "name", "position", "state", "broken_reason", "conditions", "level", "trigger_context", "follow_ups"),
    *("waits", "templates", "counts_persons_mail", "drafting_fields", "resolution_fields", "daily_cap"),
    *("on_favorable", "closes_without_notice", "sends_closing_notice", "version", "activated_at", "guard_reason"),
    "running_series",
)


def _said(row: Any, words: str) -> RuleSaid:
    plain = {name: getattr(row, name) for name in PLAIN}
    plain |= {name: named(getattr(row, name)) for name in (*REASONS, "calendar", "sending_times")}
    waits_after = named(row.confirmed_by) if row.state != "active" else None
    return RuleSaid(**plain, conditions_in_words=words, waits_for_second_yes_after=waits_after)

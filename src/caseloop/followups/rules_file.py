"""Rules from a YAML file: read and checked whole, then applied in one transaction, or refused and nothing changed.

    rules:
      - name: Contoso Coffee
        when:
          all:
            - {field: title, operator: contains, value: Contoso Coffee}
            - {field: age_days, operator: greater than, value: 7}
        trigger: On Hold            # a status reason, or: context
        level: full                 # or: confirm
        follow_ups: 3
        waits: [48 hours, 48 hours, 2 working days]
        state: active               # or: inactive; applied with --activate

A rule is found by its name and changed; one that is not there is made. Rules that the file doesn't name stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Model

from caseloop.accounts.models import Role, User
from caseloop.administration.models import BusinessCalendar, SendingTimes
from caseloop.cases.models import StatusReason
from caseloop.domain.lifecycle import RuleState
from caseloop.followups import rules
from caseloop.followups.errors import RuleError
from caseloop.followups.models import Rule
from caseloop.letters.models import EmailTemplate

PLAIN = {
    "level": str,
    "follow_ups": int,
    "counts_persons_mail": bool,
    "on_favorable": str,
    "closes_without_notice": bool,
    "sends_closing_notice": bool,
    "daily_cap": int,
}
REASONS = ("status_when_answered", "status_after_step", "status_at_resolve")
KNOWN = {
    *("name", "when", "trigger", "waits", "templates", "state", "take_silences_up_to_days", "calendar"),
    *("sending_times", "drafting_fields", "resolution_fields"),
    *PLAIN,
    *REASONS,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One rule of the file, checked as far as that goes without the others."""

    fields: rules.RuleFields
    is_active: bool
    take_silences_up_to_days: int | None


def apply_file(path: Path, username: str, activate: bool, now: datetime) -> list[str]:
    """Make or change the rules of the file; returns a sentence per rule.

    Acts as `username`, or as the only administrator there is. Raises `RuleError` (nothing is changed) or OSError.
    """
    wanted = read_file(path)
    actor = _actor(username)
    with transaction.atomic():
        return [_apply(each, actor, activate, now) for each in wanted]


def read_file(path: Path) -> list[Wanted]:
    """The rules of the file; raises `RuleError` naming the rule and the key that is wrong."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise RuleError(f"{path.name}{where}: this is no valid YAML ({getattr(error, 'problem', error)}).") from error
    except UnicodeDecodeError as error:
        raise RuleError(f"{path.name} is no UTF-8 text.") from error
    if not isinstance(data, dict) or not isinstance(data.get("rules"), list):
        raise RuleError(f"{path.name} must have a list “rules:” at its top.")
    extra = set(data) - {"rules"}
    if extra:
        raise RuleError(f"{path.name}: unknown key “{sorted(map(str, extra))[0]}” beside “rules”.")
    names = [rule.get("name") if isinstance(rule, dict) else None for rule in data["rules"]]
    doubled = [name for name in names if name is not None and names.count(name) > 1]
    if doubled:
        raise RuleError(f"{path.name}: the rule “{doubled[0]}” stands twice.")
    return [_wanted(number, rule) for number, rule in enumerate(data["rules"], start=1)]


def _wanted(number: int, data: Any) -> Wanted:
    name = data.get("name") if isinstance(data, dict) else None
    place = f"rule “{name}”" if name else f"rule number {number}"
    if not isinstance(data, dict) or not isinstance(name, str):
        raise RuleError(f"{place}: a rule is a list of keys, and one of them is its name.")
    for key in data:
        if key not in KNOWN:
            near = get_close_matches(str(key), KNOWN, n=1)
            raise RuleError(f"{place}: unknown key “{key}”." + (f" Did you mean “{near[0]}”?" if near else ""))
    try:
        return _checked(name, data)
    except RuleError as error:
        raise RuleError(f"{place}: {error}", error.field) from error


def _checked(name: str, data: Mapping[str, Any]) -> Wanted:
    plain: dict[str, Any] = {"name": name}
    for key, kind in PLAIN.items():
        if key in data:
            if not isinstance(data[key], kind) or (kind is int and isinstance(data[key], bool)):
                raise RuleError(f"“{key}” takes {_kind(kind)}, not {data[key]!r}.", key)
            plain[key] = data[key]
    _one_of("level", plain.get("level"), ("confirm", "full"))
    _one_of("on_favorable", plain.get("on_favorable"), ("keep", "suggest", "resolve"))
    _one_of("state", data.get("state"), ("active", "inactive"))
    plain |= _trigger(data.get("trigger"))
    plain |= {key: _reason(data[key]) for key in REASONS if data.get(key) is not None}
    if data.get("templates"):
        plain["templates"] = [_template(each) for each in data["templates"]]
    if data.get("calendar"):
        plain["calendar"] = _named(BusinessCalendar, data["calendar"], "business calendar")
    if data.get("sending_times"):
        plain["sending_times"] = _named(SendingTimes, data["sending_times"], "sending times")
    for key in ("drafting_fields", "resolution_fields"):
        if key in data:
            plain[key] = _texts(key, data[key])
    days = data.get("take_silences_up_to_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 3650):
        raise RuleError("“take_silences_up_to_days” takes a number of days from 1 to 3650.")
    when = data.get("when") or {}
    if not isinstance(when, dict):
        raise RuleError("“when” takes a condition such as {field: title, operator: contains, value: …}.", "conditions")
    fields = rules.RuleFields(waits=_texts("waits", data.get("waits", [])), conditions=when, plain=plain)
    return Wanted(fields, data.get("state") == "active", days)


def _apply(wanted: Wanted, actor: User, activate: bool, now: datetime) -> str:
    name = wanted.fields.plain["name"]
    known = Rule.objects.filter(name=name).first()
    try:
        rule = rules.save_rule(wanted.fields, actor=actor, now=now, rule=known)
        said = _said(name, known, rule)
        if activate and wanted.is_active and rule.state == RuleState.INACTIVE.value:
            rule = rules.activate(
                rule.pk, actor=actor, now=now, takes_silences_up_to_days=wanted.take_silences_up_to_days
            )
            if rule.state != RuleState.ACTIVE.value:
                return f"{said}; it becomes active when a second person activates it."
        return f"{said}; it is {rule.state}."
    except RuleError as error:
        raise RuleError(f"rule “{name}”: {error}", error.field) from error


def _said(name: str, known: Rule | None, rule: Rule) -> str:
    if known is None:
        return f"“{name}” made"
    return f"“{name}” is as it was" if known.version == rule.version else f"“{name}” changed, version {rule.version}"


def _actor(username: str) -> User:
    may = User.objects.filter(role__in=[Role.ADMINISTRATOR, Role.MANAGER], is_active=True)
    if username:
        found = may.filter(username=username).first()
        if found is None:
            raise RuleError(f"There is no manager or administrator “{username}”.")
        return found
    administrators = list(may.filter(role=Role.ADMINISTRATOR)[:2])
    if len(administrators) != 1:
        raise RuleError("Say as whom the rules are applied: --as USERNAME, a manager or administrator.")
    return administrators[0]


def _trigger(value: Any) -> dict[str, Any]:
    wanted = value if isinstance(value, list) else [value]
    if value is None or not all(isinstance(each, str) for each in wanted):
        raise RuleError("“trigger” takes the name of a status reason, “context”, or a list of both.", "trigger")
    names = [each for each in wanted if each != "context"]
    if len(names) > 1:
        raise RuleError("“trigger” takes one status reason.", "trigger")
    return {
        "trigger_context": "context" in wanted,
        "trigger_status_reason": _reason(names[0]) if names else None,
    }


def _reason(name: Any) -> StatusReason:
    found: StatusReason = _named(StatusReason, name, "status reason")
    return found


def _named(model: type[Model], name: Any, what: str) -> Any:
    found = model._default_manager.filter(name=name).first() if isinstance(name, str) else None
    if found is None:
        known = ", ".join(str(row) for row in model._default_manager.all()[:12])
        raise RuleError(f"There is no {what} {name!r}. Known: {known or 'none'}.")
    return found


def _template(name: Any) -> int | None:
    if name is None:
        return None
    template: EmailTemplate = _named(EmailTemplate, name, "email template")
    return template.pk


def _texts(key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise RuleError(f"“{key}” takes a list of texts.", key)
    return value


def _one_of(key: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise RuleError(f"“{key}” is one of {', '.join(allowed)}, not {value!r}.", key)


def _kind(kind: type) -> str:
    return {str: "a text", int: "a whole number", bool: "true or false"}[kind]

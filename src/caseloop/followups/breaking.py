"""A rule whose condition raises is switched to *broken*, alone; the others go on (design 1)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from caseloop.cases.marking import mark
from caseloop.domain.lifecycle import RULE, EnrolmentState, RuleEvent, RuleState, move
from caseloop.followups.conditions.broken import find_broken
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.models import Enrolment, Rule
from caseloop.followups.policies import readable_policy_of

log = logging.getLogger(__name__)


def break_rules(now: datetime, case_ids: Sequence[int] | None = None) -> bool:
    """Whether rules that raise, on these cases or on any, were found and switched off: then it is worth another try."""
    rules = list(Rule.objects.filter(state=RuleState.ACTIVE.value))
    broken = _unreadable(rules) or find_broken(rules, now, case_ids)
    for rule_id, reason in broken.items():
        _break(rule_id, reason, now)
    return bool(broken)


def _unreadable(rules: Sequence[Rule]) -> dict[int, str]:
    """Rules whose waits or levels were written past the checks."""
    found: dict[int, str] = {}
    for rule in rules:
        try:
            readable_policy_of(rule)
        except BadCondition as error:
            found[rule.pk] = str(error)
    return found


@transaction.atomic
def _break(rule_id: int, reason: str, now: datetime) -> None:
    rule = Rule.objects.select_for_update(of=("self",), no_key=True).get(pk=rule_id)
    if rule.state != RuleState.ACTIVE.value:  # another worker was a moment faster
        return
    rule.state = move(RULE, RuleState(rule.state), RuleEvent.BREAK).value
    rule.broken_reason = reason[:500]
    rule.save(update_fields=["state", "broken_reason"])
    running = Enrolment.objects.filter(rule=rule, state=EnrolmentState.RUNNING.value)
    mark(running.values_list("case_id", flat=True), now)
    log.error("rule %s is broken: %s", rule_id, reason)

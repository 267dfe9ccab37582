"""A rule is lowered while a series runs: less holds at once, more does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caseloop.followups.rules import RuleFields, save_rule
from tests.journeys.stage import on_stage

pytestmark = pytest.mark.django_db

MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEDNESDAY_10 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_a_lower_level_holds_at_once_for_running_series() -> None:
    with on_stage(MONDAY_9) as stage:
        rule = stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=10))
        save_rule(
            RuleFields(waits=rule.waits, conditions=rule.conditions, plain={"level": "confirm"}),
            actor=stage.manager,
            now=stage.now,
            rule=rule,
        )
        stage.run_until(WEDNESDAY_10)
        assert stage.automatic_mails() == 0
        card = stage.open_action(case)
        assert card is not None
        assert card.state == "proposed"


def test_a_longer_wait_holds_at_once_and_a_shorter_one_does_not() -> None:
    with on_stage(MONDAY_9) as stage:
        rule = stage.rule("full")
        case = stage.case()
        stage.we_write(case)
        stage.run_until(MONDAY_9 + timedelta(hours=1))
        longer = RuleFields(waits=["72 hours"] * 3, conditions=rule.conditions, plain={})
        save_rule(longer, actor=stage.manager, now=stage.now, rule=rule)
        stage.run_until(MONDAY_9 + timedelta(hours=71))
        assert stage.automatic_mails() == 0
        shorter = RuleFields(waits=["1 hour"] * 3, conditions=rule.conditions, plain={})
        save_rule(shorter, actor=stage.manager, now=stage.now, rule=rule)
        stage.run_until(MONDAY_9 + timedelta(hours=72, minutes=5))
        assert stage.automatic_mails() == 1
        stage.run_for(hours=20)
        assert stage.automatic_mails() == 1, "the copy says 48 hours"

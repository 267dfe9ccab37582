"""PostgreSQL answers every condition as a plain evaluator in Python does, and time changes no answer unannounced."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloop.cases.models import Case
from caseloop.followups.conditions.compile import Compiler
from caseloop.followups.conditions.matching import could_match_at
from caseloop.followups.conditions.reading import known_fields
from caseloop.followups.conditions.sql import Run, known
from caseloop.followups.conditions.tree import parse, to_json
from caseloop.followups.models import Rule
from tests.followups.conditions_reference import Reference
from tests.followups.conditions_world import NOW, TYPES, World, conditions, specs

pytestmark = pytest.mark.django_db
many = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def world() -> World:
    return World()


@many
@given(
    found=st.lists(specs, min_size=1, max_size=12),
    asked=st.lists(conditions, min_size=1, max_size=12),
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]),
)
def test_postgresql_and_the_reference_agree(
    world: World, found: list[dict[str, Any]], asked: list[dict[str, Any]], zone: str
) -> None:
    fields = known_fields()
    reference = Reference(TYPES, NOW, zone)
    trees = [parse(condition, fields) for condition in asked]
    compiler = Compiler(zone, known(Run(now=NOW)))
    with transaction.atomic():
        cases = world.add(found)
        answers = Case.objects.filter(pk__in=[case.pk for case in cases]).annotate(
            **{f"answer_{number}": compiler.condition(tree) for number, tree in enumerate(trees)}
        )
        got = {row["pk"]: row for row in answers.values("pk", *answers.query.annotations)}
        records = [world.record(case, spec) for case, spec in zip(cases, found, strict=True)]
        transaction.set_rollback(True)

    for case, record in zip(cases, records, strict=True):
        for number, condition in enumerate(asked):
            said = got[case.pk][f"answer_{number}"]
            assert said is reference.holds(condition, record), (condition, record)
    assert [parse(to_json(tree), fields) for tree in trees] == trees


@many
@given(
    found=st.lists(specs, min_size=1, max_size=8),
    asked=st.lists(conditions, min_size=1, max_size=4),
    zone=st.sampled_from(["UTC", "America/New_York"]),
)
def test_no_answer_changes_before_the_moment_that_was_announced(
    world: World, found: list[dict[str, Any]], asked: list[dict[str, Any]], zone: str
) -> None:
    rules = [Rule(pk=number, name=str(number), conditions=condition) for number, condition in enumerate(asked, 1)]
    with transaction.atomic():
        cases = world.add(found)
        announced = could_match_at([case.pk for case in cases], rules, NOW, zone)
        records = [world.record(case, spec) for case, spec in zip(cases, found, strict=True)]
        transaction.set_rollback(True)

    assert all(at > NOW for at in announced.values())
    for case, record in zip(cases, records, strict=True):
        for condition in asked:
            before = Reference(TYPES, NOW, zone).holds(condition, record)
            for at in _later():
                if at >= announced.get(case.pk, datetime.max.replace(tzinfo=NOW.tzinfo)):
                    break
                assert Reference(TYPES, at, zone).holds(condition, record) is before, (condition, record, at)


def _later() -> list[datetime]:
    steps = {timedelta(minutes=14 * number) for number in range(1, 130)} | {
        timedelta(days=day / 4) for day in range(170)
    }
    return sorted(NOW + step + tick for step in steps for tick in (timedelta(), timedelta(microseconds=1)))

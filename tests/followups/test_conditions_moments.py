"""When time alone could change which rule takes a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caseloop.cases.models import Case, CustomField
from caseloop.followups.conditions.matching import could_match_at
from caseloop.followups.models import Rule
from tests import factories

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
COFFEE = {"field": "title", "operator": "contains", "value": "coffee"}
PRINTER = {"field": "title", "operator": "contains", "value": "printer"}


def leaf(field: str, operator: str, value: float) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


OLD = leaf("age_days", "greater than", 7)


@pytest.mark.parametrize(
    ("conditions", "after"),
    [
        (OLD, timedelta(days=5) + TICK),
        (leaf("age_days", "at least", 7), timedelta(days=5)),
        (leaf("age_days", "less than", 7), timedelta(days=5)),
        (leaf("age_days", "at most", 7), timedelta(days=5) + TICK),
        (leaf("age_days", "greater than", 2.5), timedelta(hours=12) + TICK),
        (leaf("age_days", "greater than", 1), None),
        (leaf("created_at", "older than", 7), timedelta(days=5) + TICK),
        (leaf("created_at", "newer than", 7), timedelta(days=5)),
        (leaf("last_inbound_at", "older than", 7), None),
        ({"all": [COFFEE, OLD]}, timedelta(days=5) + TICK),
        ({"all": [PRINTER, OLD]}, None),
        ({"any": [COFFEE, OLD]}, None),
        ({"any": [PRINTER, OLD]}, timedelta(days=5) + TICK),
        ({"not": OLD}, timedelta(days=5) + TICK),
        ({"not": {"any": [COFFEE, OLD]}}, None),
        ({"all": [OLD, leaf("age_days", "less than", 1)]}, None),
        ({"any": [OLD, leaf("age_days", "at least", 3)]}, timedelta(days=1)),
        ({}, None),
    ],
)
def test_a_case_two_days_old_is_looked_at_again(
    conditions: dict[str, Any], after: timedelta | None, monday: datetime
) -> None:
    case = factories.case("Coffee grinder", now=monday, created_at=monday - timedelta(days=2))
    rule = Rule(pk=1, name="one", conditions=conditions)

    found = could_match_at([case.pk], [rule], monday)

    assert found == ({} if after is None else {case.pk: monday + after})


def test_the_earliest_of_all_rules_counts(monday: datetime) -> None:
    case = factories.case(now=monday, created_at=monday - timedelta(days=2))
    rules = [Rule(pk=days, name=str(days), conditions=leaf("age_days", "at least", days)) for days in (9, 4, 1, 6)]

    assert could_match_at([case.pk], rules, monday) == {case.pk: monday + timedelta(days=2)}


@pytest.mark.parametrize(
    ("operator", "days", "turns_on"),
    [
        ("older than", 7, "2026-11-30"),
        ("older than", 6.5, "2026-11-29"),
        ("newer than", 7, "2026-11-29"),
        ("newer than", 6.5, "2026-11-29"),
    ],
)
def test_a_day_in_a_custom_field_turns_at_midnight_of_the_zone(
    operator: str, days: float, turns_on: str, monday: datetime
) -> None:
    CustomField.objects.create(key="due", label="Due", type="date")
    case = factories.case(now=monday, custom={"due": "2026-11-22"})
    Case.objects.filter(pk=factories.case(now=monday).pk).update(custom={"due": "2026-02-30"})
    rule = Rule(pk=1, name="one", conditions=leaf("custom.due", operator, days))
    every = list(Case.objects.values_list("pk", flat=True))
    midnight = datetime.fromisoformat(turns_on).replace(tzinfo=UTC)

    assert could_match_at(every, [rule], monday) == {case.pk: midnight}
    assert could_match_at(every, [rule], monday, "Europe/Berlin") == {case.pk: midnight - timedelta(hours=1)}


def test_a_resolved_case_is_not_looked_at_again(monday: datetime) -> None:
    case = factories.case(now=monday, status="resolved")

    assert could_match_at([case.pk], [Rule(pk=1, name="one", conditions=OLD)], monday) == {}

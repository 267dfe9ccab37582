"""Why no rule takes a case, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from caseloop.cases.models import CustomField
from caseloop.followups.conditions.explaining import first_failures
from caseloop.followups.models import Rule
from tests import factories

pytestmark = pytest.mark.django_db


def leaf(field: str, operator: str, value: object = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


OLD = leaf("age_days", "greater than", 7)
COFFEE = leaf("title", "contains", "Coffee")


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        (COFFEE, None),
        ({}, None),
        ({"all": [COFFEE, OLD]}, "age is 5.1 days, must be greater than 7 days"),
        (leaf("queue", "equals", "Portal"), "queue is “Machines DACH”, must equal “Portal”"),
        (leaf("title", "does not contain", "grinder"), "title is “Contoso Coffee grinder”, must not contain “grinder”"),
        (leaf("priority", "does not equal", "normal"), "priority is Normal, must not be Normal"),
        (leaf("contact.language", "equals", "de"), "contact › language is empty, must equal “de”"),
        (leaf("hold_until", "is not empty"), "held until is empty, must not be empty"),
        (leaf("no_automation", "is true"), "no automation is false, must be true"),
        (leaf("custom.score", "at least", 9), "Score is 5.5, must be at least 9"),
        (leaf("organization.domains", "contains", "zz"), "organization › domains is cafe.example, must contain “zz”"),
        (leaf("any_mail", "contains", "x"), "any mail must contain “x”"),
        ({"any": [OLD]}, "age is 5.1 days, must be greater than 7 days"),
        ({"not": COFFEE}, "must be true: not (title contains “Coffee”)"),
        (
            {"any": [OLD, leaf("priority", "equals", "high")]},
            "must be true: age is greater than 7 days or priority is High",
        ),
        (
            leaf("titel", "is empty"),
            "The condition of “one” cannot be read. There is no field “titel”. Did you mean “title”?",
        ),
    ],
)
def test_the_first_part_that_fails_is_named(conditions: dict[str, Any], why: str | None, monday: datetime) -> None:
    CustomField.objects.create(key="score", label="Score", type="number")
    organization = factories.organization(domains=["cafe.example"])
    case = factories.case(
        "Contoso Coffee grinder",
        now=monday,
        created_at=monday - timedelta(days=5, hours=3),
        queue=factories.queue("Machines DACH"),
        contact=factories.contact(organization=organization),
        custom={"score": 5.5},
    )

    found = first_failures(case.pk, [Rule(pk=1, name="one", conditions=conditions)], monday)

    assert found == ({} if why is None else {1: why})

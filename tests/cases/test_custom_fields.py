"""Values of custom fields are stored in one form, and only when they have the type of their field."""

from __future__ import annotations

from typing import Any

import pytest

from caseloop.cases.custom_fields import checked
from caseloop.cases.errors import CaseError
from caseloop.cases.models import CustomField

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("date", "2026-11-23", "2026-11-23"),
        ("date", "20261123", "2026-11-23"),
        ("date", "2026-W48-1", "2026-11-23"),
        ("time", "20261123T101400Z", "2026-11-23T10:14:00+00:00"),
        ("time", "2026-11-23T10:14", "2026-11-23T10:14:00+00:00"),
        ("time", "2026-11-23T10:14:00+01:00", "2026-11-23T10:14:00+01:00"),
        ("number", 5.5, 5.5),
        ("text", "", ""),
        ("flag", None, None),
    ],
)
def test_a_value_is_stored_in_the_form_that_conditions_compare(kind: str, given: Any, stored: Any) -> None:
    CustomField.objects.create(key="x", label="X", type=kind)

    assert checked({"x": given}) == {"x": stored}


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("date", "2026-02-30"),
        ("date", 20261123),
        ("time", "25:00"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("number", 10**400),
        ("number", "5"),
        ("text", "a\x00b"),
        ("flag", 1),
        ("choice", "Gold"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, given: Any) -> None:
    CustomField.objects.create(key="x", label="Plan", type=kind, choices=["gold"])

    with pytest.raises(CaseError, match="“Plan” takes"):
        checked({"x": given})

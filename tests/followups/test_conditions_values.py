"""Odd values against every comparison, none left to chance: wrong types, days that do not exist, wildcards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caseloop.cases.models import Case
from caseloop.followups.conditions.compile import Compiler
from caseloop.followups.conditions.reading import known_fields
from caseloop.followups.conditions.sql import Run, known
from caseloop.followups.conditions.tree import parse
from tests.followups.conditions_reference import Reference
from tests.followups.conditions_world import (
    DAYS,
    EMPTY,
    NO_DAYS,
    NO_TIMES,
    NOW,
    ODD,
    ORDER,
    TEXT_OPERATORS,
    TIMES,
    TYPES,
    World,
)

pytestmark = pytest.mark.django_db
PLAIN = {
    "title": "x",
    "priority": "normal",
    "created_at": NOW,
    **dict.fromkeys(("status_reason", "queue"), 0),
    **dict.fromkeys(("owner", "contact", "organization", "parent")),
    "mails": [],
}
JSON: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    5,
    5.5,
    -1,
    10**14,
    1e300,
    "5",
    "true",
    "",
    [],
    {},
    [5],
    {"x": 5},
    "Gold",
    "a",
]


def check(world: World, cases: list[dict[str, Any]], leaves: list[dict[str, Any]], zone: str = "UTC") -> None:
    made = world.add([{**PLAIN, **case} for case in cases])
    compiler, fields, reference = Compiler(zone, known(Run(now=NOW))), known_fields(), Reference(TYPES, NOW, zone)
    records = [world.record(case, {**PLAIN, **spec}) for case, spec in zip(made, cases, strict=True)]
    for start in range(0, len(leaves), 200):
        some = leaves[start : start + 200]
        answers = {f"answer_{n}": compiler.comparison(parse(leaf, fields)) for n, leaf in enumerate(some)}  # type: ignore[arg-type]
        rows = Case.objects.filter(pk__in=[case.pk for case in made]).order_by("pk").annotate(**answers)
        for said, record in zip(rows.values(*answers), records, strict=True):
            for n, leaf in enumerate(some):
                assert said[f"answer_{n}"] is reference.holds(leaf, record), (leaf, record)


@pytest.fixture
def world() -> World:
    return World()


def leaf(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def test_a_custom_field_may_hold_anything(world: World) -> None:
    stored = [*JSON, *DAYS, *NO_DAYS, *TIMES, *NO_TIMES]
    leaves = [
        leaf(f"custom.{key}", operator) for key in ("note", "score", "vip", "due", "seen", "plan") for operator in EMPTY
    ]
    leaves += [
        leaf("custom.score", operator, value)
        for operator in ["equals", "does not equal", *ORDER]
        for value in (0, 5, 5.5)
    ]
    leaves += [leaf("custom.score", operator, [5, 0]) for operator in ("in", "not in")]
    leaves += [leaf("custom.vip", operator) for operator in ("is true", "is false")]
    leaves += [
        leaf("custom.note", operator, value)
        for operator in TEXT_OPERATORS
        for value in ("5", "true", "gold", "2026-11-23")
    ]
    leaves += [leaf("custom.plan", operator, "Gold") for operator in ("equals", "does not equal")]
    for key in ("due", "seen"):
        leaves += [leaf(f"custom.{key}", operator, day) for operator in ("on", "before", "after") for day in DAYS]
        leaves += [
            leaf(f"custom.{key}", operator, days)
            for operator in ("older than", "newer than")
            for days in (0, 1, 6.9, 7, 7.5)
        ]

    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        check(
            world,
            [{"custom": dict.fromkeys(("note", "score", "vip", "due", "seen", "plan"), value)} for value in stored],
            leaves,
            zone,
        )


def test_every_odd_text_against_every_other(world: World) -> None:
    leaves = [
        leaf(field, operator, wanted)
        for field in ("title", "subject", "last_inbound_subject", "custom.note")
        for operator in TEXT_OPERATORS
        for wanted in ODD
    ]

    check(
        world,
        [{"title": text, "subject": text, "last_inbound_subject": text, "custom": {"note": text}} for text in ODD],
        leaves,
    )


def test_times_at_the_edge_of_a_day_and_of_an_age(world: World) -> None:
    tick = timedelta(microseconds=1)
    edges = [NOW - timedelta(days=7), NOW, datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 23, 5, tzinfo=UTC)]
    times = [None, *(edge + step for edge in edges for step in (-tick, timedelta(), tick))]
    leaves = [leaf("hold_until", operator, "2026-11-23") for operator in ("on", "before", "after")]
    leaves += [leaf("hold_until", operator, "2026-11-16T10:14:00+00:00") for operator in ("before", "after")]
    leaves += [leaf("hold_until", operator, days) for operator in ("older than", "newer than") for days in (0, 7)]
    leaves += [leaf("age_days", operator, days) for operator in ORDER for days in (0, 7)]

    for zone in ("UTC", "America/New_York"):
        check(world, [{"hold_until": at, "created_at": at or NOW} for at in times], leaves, zone)


def test_lists_of_texts_hold_for_one_of_them(world: World) -> None:
    leaves = [
        leaf(field, operator, wanted)
        for field in ("organization.domains", "contact.address", "contact.organization.domains", "any_mail")
        for operator in TEXT_OPERATORS
        for wanted in ("5", "cafe.example", "a_b", "A_B.EXAMPLE", "ä", "not")
    ]
    leaves += [
        leaf(field, operator) for field in ("organization.domains", "contact.address", "any_mail") for operator in EMPTY
    ]
    mails: list[list[tuple[str, str, str]]] = [
        [],
        [("in", "a_b", "")],
        [("draft", "ä", "5")],
        [("sent", "", "cafe.example"), ("in", "", "")],
    ]

    check(
        world,
        [
            {"organization": organization, "contact": contact, "mails": some}
            for organization in (None, 0, 1)
            for contact in (None, 0, 1, 2)
            for some in mails
        ],
        leaves,
    )

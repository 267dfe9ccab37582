"""Rules over cases: the first that matches takes the case."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from caseloop.cases.models import Case, CustomField
from caseloop.followups.conditions import matching
from caseloop.followups.conditions.broken import find_broken
from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.fields import MAIL_KINDS, NEXT_MOVES, PRIORITIES, ROLES, STANDARD, STATUSES
from caseloop.followups.conditions.matching import (
    matching_cases,
    rule_of_all_active,
    rule_of_cases,
    sql_of_all_active,
)
from caseloop.followups.conditions.operators import OPERATORS, Takes, takes
from caseloop.followups.conditions.reading import parse
from caseloop.followups.models import Rule
from tests import factories
from tests.followups.test_conditions_reading import SAMPLES

pytestmark = pytest.mark.django_db


def rule(name: str, conditions: Any, position: int = 1) -> Rule:
    return Rule.objects.create(
        name=name, position=position, conditions=conditions, trigger_context=True, waits=["48 hours"]
    )


def title_has(text: str) -> dict[str, Any]:
    return {"field": "title", "operator": "contains", "value": text}


def older(days: float) -> dict[str, Any]:
    return {"field": "age_days", "operator": "greater than", "value": days}


def test_a_case_takes_the_first_rule_that_matches(monday: datetime) -> None:
    old = factories.case("CONTOSO COFFEE grinder", now=monday, created_at=monday - timedelta(days=8))
    young = factories.case("contoso coffee mill", now=monday, created_at=monday - timedelta(days=2))
    other = factories.case("Printer", now=monday)
    aged = rule("aged", {"all": [title_has("Contoso Coffee"), older(7)]})
    coffee = rule("coffee", title_has("coffee"))

    assert rule_of_cases([young.pk, old.pk, other.pk], [aged, coffee], monday) == {
        young.pk: coffee.pk,
        old.pk: aged.pk,
        other.pk: None,
    }
    assert rule_of_cases([old.pk], [coffee, aged], monday) == {old.pk: coffee.pk}


def test_blank_conditions_take_every_active_case_and_no_other(monday: datetime) -> None:
    case = factories.case(now=monday)
    resolved = factories.case(now=monday, status="resolved")
    blank = rule("everything else", {})

    assert rule_of_cases([case.pk, resolved.pk, 10**12], [blank], monday) == {
        case.pk: blank.pk,
        resolved.pk: None,
        10**12: None,
    }
    assert rule_of_cases([case.pk], [], monday) == {case.pk: None}
    assert rule_of_cases([], [blank], monday) == {}


def test_a_case_is_seven_days_old_to_the_microsecond(monday: datetime) -> None:
    case = factories.case(now=monday, created_at=monday - timedelta(days=7))
    aged = rule("aged", older(7))

    assert rule_of_cases([case.pk], [aged], monday) == {case.pk: None}
    assert rule_of_cases([case.pk], [aged], monday + timedelta(microseconds=1)) == {case.pk: aged.pk}


@pytest.mark.parametrize(
    ("title", "wanted", "is_found"),
    [
        ("ÄRGER mit der Mühle", "ärger", True),
        ("A\u0308rger", "Ärger", True),
        ("ﬁlter", "FILTER", True),
        ("İSTANBUL", "İstanbul", True),
        ("ΛΟΓΟΣ", "λογοσ", True),
        ("100% coffee", "100%", True),
        ("1000 coffees", "100%", False),
        ("1000 coffees", "100\uff05", False),
        ("a_b", "a_b", True),
        ("axb", "a_b", False),
        ("a\\b", "a\\b", True),
        ("{} %s", "{} %S", True),
        ("'; DROP TABLE cases_case; --", "'; drop", True),
    ],
)
def test_text_is_found_without_regard_to_case_form_and_wildcards(
    title: str, wanted: str, is_found: bool, monday: datetime
) -> None:
    factories.case(title, now=monday, last_inbound_subject=title, subject=title, description=title)

    for field in ("title", "last_inbound_subject", "subject", "description"):
        condition = parse({"field": field, "operator": "contains", "value": wanted})
        assert matching_cases(condition, monday).exists() is is_found, field


def test_every_field_can_be_asked_with_each_of_its_operators(monday: datetime) -> None:
    factories.case(now=monday)
    CustomField.objects.create(key="plan", label="Plan", type="choice", choices=["gold"])

    for field in STANDARD:
        for operator in OPERATORS[field.type]:
            sample = field.choices[0][0] if field.choices else SAMPLES.get(field.type)
            values = {Takes.NOTHING: None, Takes.DAYS: 7, Takes.LIST: [sample], Takes.ONE: sample}
            leaf = {"field": field.name, "operator": operator.value, "value": values[takes(operator, field.type)]}
            assert matching_cases(parse(leaf), monday).count() in (0, 1), leaf


def test_the_choices_are_those_of_the_models() -> None:
    from caseloop.accounts.models import Role
    from caseloop.cases.models import case, status
    from caseloop.mail.models.message import InboundKind

    assert list(PRIORITIES) == case.PRIORITIES
    assert list(NEXT_MOVES) == case.NEXT_MOVES
    assert list(STATUSES) == status.STATUSES
    assert list(ROLES) == Role.choices
    assert list(MAIL_KINDS) == InboundKind.choices


def test_a_batch_is_one_statement_and_is_compiled_once(monday: datetime) -> None:
    cases = [factories.case(now=monday).pk for _ in range(3)]
    rules = [rule(str(number), {"all": [title_has(str(number)), older(number)]}) for number in range(5)]
    rule_of_cases(cases, rules, monday)
    compiled = matching._statement.cache_info().misses

    with CaptureQueriesContext(connection) as asked:
        rule_of_cases(cases[:2], rules, monday + timedelta(days=9))

    assert len(asked) == 1
    assert matching._statement.cache_info().misses == compiled


def test_a_changed_condition_holds_at_once(monday: datetime) -> None:
    case = factories.case("Printer", now=monday)
    changed = rule("one", title_has("coffee"))
    assert rule_of_cases([case.pk], [changed], monday) == {case.pk: None}

    changed.conditions = title_has("printer")

    assert rule_of_cases([case.pk], [changed], monday) == {case.pk: changed.pk}


def test_a_custom_field_that_changes_its_type_is_read_anew(monday: datetime) -> None:
    field = CustomField.objects.create(key="score", label="Score", type="number")
    case = factories.case(now=monday, custom={"score": 5})
    above = rule("above", {"field": "custom.score", "operator": "greater than", "value": 4})
    assert rule_of_cases([case.pk], [above], monday) == {case.pk: above.pk}

    field.type = "text"
    field.save()

    with pytest.raises(
        BadCondition, match=r"^The condition of “above” cannot be read\. “custom\.score” has no operator"
    ):
        rule_of_cases([case.pk], [above], monday)


def test_true_is_not_more_than_five(monday: datetime) -> None:
    CustomField.objects.create(key="x", label="X", type="number")
    Case.objects.filter(pk=factories.case(now=monday).pk).update(custom={"x": True})

    more = parse({"field": "custom.x", "operator": "greater than", "value": 5})
    less = parse({"field": "custom.x", "operator": "at most", "value": 5})

    assert not matching_cases(more, monday).exists()
    assert not matching_cases(less, monday).exists()


def test_all_active_cases_are_gone_through_in_slices(monday: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    coffee = [factories.case("coffee", now=monday).pk for _ in range(5)]
    factories.case("coffee", now=monday, status="resolved")
    printer = factories.case("printer", now=monday).pk
    taken = rule("coffee", title_has("coffee"))
    expected = [*((pk, taken.pk) for pk in coffee), (printer, None)]

    monkeypatch.setattr(matching, "ONE_SLICE", 2)

    assert list(rule_of_all_active([taken], monday)) == expected
    assert list(rule_of_all_active([taken], monday, (coffee[1], coffee[3]))) == expected[1:3]
    assert list(rule_of_all_active([], monday)) == [(pk, None) for pk, _ in expected]


def test_without_any_case_there_is_nothing_to_go_through(monday: datetime) -> None:
    assert list(rule_of_all_active([rule("all", {})], monday)) == []


def test_conditions_are_asked_once_per_case_whatever_is_done_with_the_rule(monday: datetime) -> None:
    for number in range(20):
        factories.case(f"coffee {number}", now=monday)
    rules = [
        rule("one", title_has("no such")),
        rule("two", {"all": [title_has("coffee"), older(7)]}),
        rule("three", {}),
    ]
    ruled, params = sql_of_all_active(rules, monday, (0, 10**9))
    joined = (
        f"SELECT ruled.case_id, rule.name FROM ({ruled}) AS ruled JOIN followups_rule rule ON rule.id = ruled.rule_id"
        " WHERE ruled.rule_id IS NOT NULL AND ruled.rule_id > 0"
    )

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {joined}", params)
        plan = cursor.fetchone()[0]
        cursor.execute(joined, params)
        assert {name for _, name in cursor.fetchall()} == {"three"}

    plan = plan if isinstance(plan, str) else json.dumps(plan)
    assert plan.count("strpos(") == 2  # one for each comparison of a title: the CASE stands in the plan once


def test_a_rule_that_cannot_be_read_is_found_alone(monday: datetime) -> None:
    case = factories.case(now=monday)
    good, bad = rule("good", {}), rule("bad", title_has("x") | {"field": "custom.gone"})

    with pytest.raises(BadCondition, match=r"^The condition of “bad” cannot be read\. There is no field"):
        rule_of_cases([case.pk], [good, bad], monday)

    assert find_broken([good, bad], monday) == {
        bad.pk: "Its condition cannot be read. There is no field “custom.gone”."
    }


def test_a_rule_that_the_database_refuses_is_found_alone(monday: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    case = factories.case("coffee", now=monday)
    good, bad = rule("good", {}), rule("bad", title_has("coffee"))
    from caseloop.followups.conditions import compile as compiling
    from caseloop.followups.conditions.sql import Sql

    monkeypatch.setattr(compiling.Compiler, "comparison", lambda self, leaf: Sql("({} / 0 > 0)", "id"))

    assert find_broken([good, bad], monday, [case.pk]) == {
        bad.pk: "The database refuses its condition: division by zero"
    }
    assert Case.objects.filter(pk=case.pk).exists()


def test_a_lost_connection_is_no_rules_fault(monday: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("caseloop.followups.conditions.broken.matching_cases", lost)

    with pytest.raises(OperationalError):
        find_broken([rule("good", {})], monday)


def test_days_begin_in_the_zone_that_is_handed_in(monday: datetime) -> None:
    case = factories.case(now=monday, created_at=datetime.fromisoformat("2026-11-22T23:30:00+00:00"))
    on_monday = rule("on", {"field": "created_at", "operator": "on", "value": "2026-11-23"})

    assert rule_of_cases([case.pk], [on_monday], monday) == {case.pk: None}
    assert rule_of_cases([case.pk], [on_monday], monday, "Europe/Berlin") == {case.pk: on_monday.pk}

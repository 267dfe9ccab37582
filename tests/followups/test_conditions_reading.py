"""What conditions may say, what they may not, and how they read as a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import yaml

from caseloop.followups.conditions.errors import BadCondition
from caseloop.followups.conditions.fields import STANDARD, Type, catalogue
from caseloop.followups.conditions.operators import OPERATORS, Takes, takes
from caseloop.followups.conditions.sentence import sentence
from caseloop.followups.conditions.tree import EVERY_CASE, parse, to_json

FIELDS = catalogue(
    [
        ("score", "Score", Type.NUMBER, ()),
        ("plan", "Plan", Type.CHOICE, ("Gold", "Silver")),
        ("due", "Due", Type.DATE, ()),
    ]
)
TITLE = {"field": "title", "operator": "contains", "value": "Contoso Coffee"}
AGE = {"field": "age_days", "operator": "greater than", "value": 7}


def leaf(field: str, operator: object, value: object = None) -> dict[str, object]:
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


def nested(depth: int) -> dict[str, Any]:
    return TITLE if depth == 0 else {"all": [nested(depth - 1)]}


def cyclic() -> dict[str, Any]:
    group: dict[str, Any] = {}
    group["not"] = group
    return group


BAD = [
    ([], "A condition is a group or a comparison"),
    (None, "A condition is a group or a comparison"),
    ("title contains x", "A condition is a group or a comparison"),
    ({"all": []}, "all: the group is empty. Leave the whole condition blank to mean every case."),
    ({"all": TITLE}, "all: “all” takes a list of conditions."),
    ({"not": [TITLE]}, "not: a condition is a group or a comparison"),
    ({"any": [{}]}, "any → 1st condition: say which “field” is compared."),
    ({"all": [TITLE], "any": [AGE]}, "“all” stands alone in its group, but there is also “any”."),
    (
        {"all": [TITLE, leaf("titel", "contains", "x")]},
        "all → 2nd condition: there is no field “titel”. Did you mean “title”?",
    ),
    (
        {"all": [TITLE, {"any": [AGE, {"not": leaf("nonsense", "on")}]}]},
        "all → 2nd condition → any → 2nd condition → not: there is no field “nonsense”.",
    ),
    (leaf("title", "contain", "x"), "“title” has no operator “contain”; did you mean “contains”?"),
    (leaf("title", "greater than", 5), "“title” has no operator “greater than”"),
    (leaf("title", ["contains"], "x"), "Say by which “operator” “title” is compared: contains, equals"),
    ({"field": 5}, "Say which “field” is compared."),
    ({**TITLE, "zone": "UTC"}, "A comparison has a field, an operator and a value, but no “zone”."),
    (leaf("title", "contains"), "“contains” takes a text, not nothing."),
    (leaf("title", "contains", 5), "“contains” takes a text, not 5."),
    (leaf("title", "contains", True), "“contains” takes a text, not true."),
    (leaf("title", "contains", ["x"]), "“contains” takes a text, not a list."),
    (leaf("title", "contains", ""), "The text is empty; use “is empty” or “is not empty”."),
    (leaf("title", "contains", "x" * 501), "The text is longer than 500 characters."),
    (leaf("title", "contains", "a\x00b"), "The text has a character that no text in a case can have."),
    (leaf("title", "contains", "\ud800"), "The text has a character that no text in a case can have."),
    (leaf("title", "in", "x"), "“in” takes a list with at least one value, not “x”."),
    (leaf("title", "in", []), "“in” takes a list with at least one value, not an empty list."),
    (leaf("title", "in", ["x", 5]), "“in” takes a text, not 5."),
    (leaf("title", "in", ["x"] * 201), "“in” takes at most 200 values, not 201."),
    (leaf("title", "is empty", "x"), "“is empty” takes no value."),
    (leaf("priority", "equals", "urgent"), "“priority” is one of low, normal, high, not “urgent”."),
    (leaf("priority", "in", ["low", None]), "“priority” is one of low, normal, high, not nothing."),
    (leaf("custom.plan", "equals", "Bronze"), "“Plan” is one of Gold, Silver, not “Bronze”."),
    (leaf("custom.paln", "equals", "Gold"), "There is no field “custom.paln”. Did you mean “custom.plan”?"),
    (leaf("custom.score", "greater than", "5"), "“Score” is compared with a number, not “5”."),
    (leaf("custom.score", "greater than", True), "“Score” is compared with a number, not true."),
    (leaf("custom.score", "equals", float("nan")), "“Score” is compared with a number, not nan."),
    (leaf("custom.score", "equals", float("-inf")), "“Score” is compared with a number, not -inf."),
    (leaf("custom.score", "equals", 10**400), "“Score” is compared with a number between"),
    (leaf("custom.score", "equals", 1e300), "“Score” is compared with a number between"),
    (leaf("custom.score", "equals", Decimal("NaN")), "“Score” is compared with a number, not NaN."),
    (leaf("age_days", "greater than", "7 days"), "“greater than” takes a number of days, not “7 days”."),
    (leaf("age_days", "greater than", -1), "“greater than” takes between 0 and 36500 days, not -1."),
    (leaf("age_days", "equals", 7), "“age_days” has no operator “equals”"),
    (leaf("created_at", "older than", 40_000), "“older than” takes between 0 and 36500 days, not 40000."),
    (leaf("created_at", "on", "soon"), "“created” is compared with a day like 2026-11-23"),
    (leaf("created_at", "on", "2026-02-30"), "There is no day 2026-02-30."),
    (leaf("created_at", "on", "2026-11-23T10:14:00Z"), "“created” is compared with a day like 2026-11-23"),
    (leaf("created_at", "before", "2026-11-23T10:14:00"), "A time needs its zone, like 2026-11-23T10:14:00+01:00."),
    (leaf("created_at", "before", "2026-11-23T25:14:00Z"), "“2026-11-23T25:14:00Z” is no time."),
    (leaf("created_at", "before", "0001-01-01"), "“created” is compared with days between 1900 and 2200."),
    (
        leaf("created_at", "after", "9999-12-31T23:00:00-10:00"),
        "“created” is compared with days between 1900 and 2200.",
    ),
    (leaf("custom.due", "after", "2026-11-23T10:14:00Z"), "“Due” is compared with a day like 2026-11-23, not"),
    (leaf("no_automation", "equals", True), "“no_automation” has no operator “equals”"),
    (nested(6), "groups nest at most 5 deep."),
    (cyclic(), "groups nest at most 5 deep."),
    ({"all": [TITLE] * 101}, "all: there are more than 100 conditions."),
    (
        {"all": [{"any": [TITLE] * 60}, {"any": [TITLE] * 60}]},
        "any → 41st condition: there are more than 100 comparisons.",
    ),
]


@pytest.mark.parametrize(("data", "says"), BAD, ids=lambda part: part[:50] if isinstance(part, str) else "")
def test_a_bad_condition_gets_one_sentence_that_names_the_place(data: object, says: str) -> None:
    with pytest.raises(BadCondition) as refused:
        parse(data, FIELDS)

    assert says in str(refused.value)
    assert str(refused.value)[-1] in ".?"


GOOD = [
    ({}, "all active cases"),
    ({"all": [TITLE, AGE]}, "title contains “Contoso Coffee” and age is greater than 7 days"),
    (
        {"all": [TITLE, {"any": [AGE, {"not": leaf("priority", "equals", "low")}]}]},
        "title contains “Contoso Coffee” and (age is greater than 7 days or not (priority is Low))",
    ),
    (
        {"any": [TITLE, {"all": [AGE, TITLE]}]},
        "title contains “Contoso Coffee” or (age is greater than 7 days and title contains “Contoso Coffee”)",
    ),
    ({"all": [{"any": [TITLE]}]}, "title contains “Contoso Coffee”"),
    (leaf("age_days", "at least", 1), "age is at least 1 day"),
    (leaf("age_days", "less than", 7.5), "age is less than 7.5 days"),
    (leaf("priority", "in", ["high", "normal"]), "priority is one of High or Normal"),
    (leaf("priority", "does not equal", "high"), "priority is not High"),
    (
        leaf("title", "contains any of", ["refund", "lawyer", "complaint"]),
        "title contains any of “refund”, “lawyer” or “complaint”",
    ),
    (
        leaf("contact.organization.name", "starts with", "Contoso"),
        "contact › organization › name starts with “Contoso”",
    ),
    (leaf("last_inbound_at", "older than", 3), "last mail of the customer › time is older than 3 days"),
    (leaf("created_at", "on", "2026-11-23"), "created is on 23 Nov 2026"),
    (leaf("created_at", "after", "2026-11-23T10:14:00+01:00"), "created is after 23 Nov 2026 09:14 UTC"),
    (leaf("contact.language", "is empty"), "contact › language is empty"),
    (leaf("no_automation", "is true"), "no automation is true"),
    (leaf("custom.score", "at most", 100), "Score is at most 100"),
    (leaf("parent.custom.plan", "equals", "Gold"), "parent › Plan is Gold"),
    (nested(5), "title contains “Contoso Coffee”"),
]


@pytest.mark.parametrize(("data", "reads"), GOOD, ids=lambda part: part[:50] if isinstance(part, str) else "")
def test_a_condition_reads_as_a_sentence_and_is_stored_as_it_was_written(data: dict[str, Any], reads: str) -> None:
    condition = parse(data, FIELDS)

    assert sentence(condition) == reads
    assert parse(to_json(condition), FIELDS) == condition


def test_blank_means_every_case_and_nothing_else_does() -> None:
    assert parse({}, FIELDS) is EVERY_CASE
    assert to_json(EVERY_CASE) == {}


def test_yaml_may_write_a_bare_on_and_bare_days() -> None:
    written = yaml.safe_load(
        """
        any:
          - {field: created_at, operator: on, value: 2026-11-23}
          - {field: created_at, operator: after, value: 2026-11-23T10:14:00+01:00}
        """
    )

    condition = parse(written, FIELDS)

    assert condition == parse(
        {
            "any": [
                {"field": "created_at", "operator": "on", "value": date(2026, 11, 23)},
                {"field": "created_at", "operator": "after", "value": datetime(2026, 11, 23, 9, 14, tzinfo=UTC)},
            ]
        },
        FIELDS,
    )
    assert to_json(condition)["any"][0] == {"field": "created_at", "operator": "on", "value": "2026-11-23"}


def test_choices_are_found_by_name_or_label_in_any_case() -> None:
    assert parse(leaf("priority", "equals", "HIGH"), FIELDS) == parse(leaf("priority", "equals", "high"), FIELDS)
    assert parse(leaf("next_move", "equals", "The customer"), FIELDS) == parse(
        leaf("next_move", "equals", "customer"), FIELDS
    )
    assert to_json(parse(leaf("custom.plan", "in", ["gold"]), FIELDS))["value"] == ["Gold"]


SAMPLES: dict[Type, object] = {
    Type.TEXT: "x",
    Type.TEXTS: "x",
    Type.NUMBER: 5,
    Type.TIME: "2026-11-23",
    Type.DATE: "2026-11-23",
}


@pytest.mark.parametrize("field", [*STANDARD, *FIELDS.own], ids=lambda field: field.name)
def test_every_field_takes_each_of_its_operators(field: Any) -> None:
    for operator in OPERATORS[field.type]:
        sample = field.choices[0][0] if field.choices else SAMPLES.get(field.type)
        value = {Takes.NOTHING: None, Takes.DAYS: 7, Takes.LIST: [sample], Takes.ONE: sample}[
            takes(operator, field.type)
        ]
        condition = parse(leaf(field.name, operator.value, value), FIELDS)
        assert sentence(condition).startswith(field.label)
        assert parse(to_json(condition), FIELDS) == condition

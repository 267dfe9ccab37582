"""Whatever is sent: a sentence in the one shape, never a broken server, and nothing changed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from caseloop.accounts.models import User
from caseloop.cases.models import Case
from tests.api import world
from tests.api.conftest import Caller, caller, error_of
from tests.api.test_access import TABLE, Row, filled

pytestmark = pytest.mark.django_db

BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"[1, 2]",
    b'"text"',
    b"7",
    b"true",
    b"{}",
    b'{"": ""}',
    b'{"title": NaN}',
    b'{"title": Infinity}',
    b'{"title": 1e999}',
    b'{"title": "a\\u0000b", "text": "a\\u0000b"}',
    b'{"title": "\\ud800", "text": "\\ud800"}',
    b'{"\\u0000": 1}',
    b'{"title": "x", "title": "y"}',
    b"\xff\xfe{}",
    b'{"title": "\xff"}',
    b"[" * 100_000,
    b'{"conditions": ' + b'{"not": ' * 40 + b"1" + b"}" * 40 + b"}",
    b'{"version": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:30]))
def test_no_body_breaks_a_case(api: Caller, case: Case, body: bytes) -> None:
    for method, path in (("POST", "cases"), ("PATCH", f"cases/{case.number}"), ("POST", f"cases/{case.number}/notes")):
        answer: Any = api.client.generic(
            method, f"/api/v1/{path}", body, content_type="application/json", headers=api.headers
        )
        assert answer.status_code in (400, 422)
        error_of(answer)
    assert list(Case.objects.values_list("title", flat=True)) == [case.title]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'"a\\u0000b"', "A text in the body has a NUL or half a character in it."),
        (b'"\\ud83d"', "A text in the body has a NUL or half a character in it."),
        (b"NaN", "The body is no valid JSON: NaN is no number."),
        (b"1e999", "A number in the body is too large."),
        (b'"x", "text": "y"', "The body is ambiguous: “text” stands twice in one object."),
        (b"[" * 40 + b"]" * 40, "The body nests more than 30 deep."),
        (b'"x"', ""),
        (b'"\\ud83d\\ude00"', ""),
    ],
)
def test_what_the_database_cannot_keep_is_refused_by_name(api: Caller, case: Case, text: bytes, said: str) -> None:
    answer: Any = api.client.generic(
        "POST",
        f"/api/v1/cases/{case.number}/notes",
        b'{"text": ' + text + b"}",
        content_type="application/json",
        headers=api.headers,
    )
    assert answer.status_code == (400 if said else 201)
    if said:
        assert error_of(answer)["sentence"] == said


WRONG: list[Any] = [None, "", "x" * 5000, -1, 0, 2**63, 10**40, 1.5, True, [], {}, ["x"], {"x": {"y": [None]}}, "{}"]


@pytest.mark.parametrize("row", [row for row in TABLE if row.body], ids=str)
def test_no_value_of_a_field_breaks_a_route(row: Row, at_monday: datetime) -> None:
    here = world.make(at_monday)
    boss = caller(here.ada)
    path, body = row.path.format(**here.ids), filled(row.body, here.ids)
    for key in body:
        for value in WRONG:
            answer: Any = boss.send(row.method, path, {**body, key: value})
            assert answer.status_code < 500, (key, value)
            if answer.status_code >= 400:
                error_of(answer)


CONDITIONS: list[Any] = [
    {"field": "title"},
    {"field": "title", "operator": "contains"},
    {"field": "title", "operator": "contains", "value": 7},
    {"field": "nothing", "operator": "contains", "value": "x"},
    {"field": "age_days", "operator": "greater than", "value": 10**4000},
    {"field": "age_days", "operator": "greater than", "value": "seven"},
    {"field": ["title"], "operator": {}, "value": None},
    {"all": []},
    {"all": "x"},
    {"any": [{"not": 1}]},
    {"all": [{}], "any": [{}]},
    {"field": "created_at", "operator": "after", "value": "9999-99-99"},
]


@pytest.mark.parametrize("conditions", CONDITIONS, ids=lambda each: str(each)[:50])
def test_a_condition_that_cannot_be_read_is_refused_at_its_field(as_boss: Caller, conditions: Any) -> None:
    rule = {"name": "New", "waits": ["48 hours"], "follow_ups": 1, "trigger_context": True, "conditions": conditions}
    for path, body in (("rules", rule), ("protections", {"name": "P", "effect": "never", "conditions": conditions})):
        answer = as_boss.post(path, body)
        assert answer.status_code == 422
        assert error_of(answer)["field"] == "conditions"
    assert as_boss.get("rules").json()["items"] == as_boss.get("protections").json()["items"] == []


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "GET"], ids=str)
def test_no_parameter_breaks_a_list(row: Row, at_monday: datetime) -> None:
    here = world.make(at_monday)
    boss = caller(here.ada)
    path = row.path.format(**here.ids)
    queries = ["q=%00", "q=%ff", "q=" + "x" * 3000, "page=0", "page=1001", "page=x", "page_size=101", "nothing=1"]
    queries += ["status=x", "state=x", "kind=x", "rule_id=1e9", f"owner_id={10**30}", "is_open=perhaps", "q=%25_"]
    for query in queries:
        answer = boss.get(f"{path}?{query}")
        assert answer.status_code in (200, 422), query
        if answer.status_code == 422:
            error_of(answer)


def test_a_parameter_that_is_not_known_is_not_ignored(api: Caller) -> None:
    answer = api.get("cases?staus=active")
    assert answer.status_code == 422
    assert error_of(answer)["sentence"].startswith("There is no parameter “staus”; known here: contact_id, owner_id,")
    assert error_of(api.get("me?x=1"))["sentence"] == "There is no parameter “x”; none is known here."


@pytest.mark.parametrize(
    "path",
    ["nothing", "cases/", "cases/%00", "cases/%F0%9F%98%80", "cases/" + "9" * 400, f"messages/{10**30}", "rules/x"],
)
def test_what_is_not_there_is_said_in_json(as_boss: Caller, path: str) -> None:
    for method in ("GET", "POST"):
        answer: Any = as_boss.send(method, path, {} if method == "POST" else None)
        assert answer.status_code in (404, 405)
        error_of(answer)


def test_a_method_that_an_address_does_not_know_is_said_in_json(api: Caller, case: Case) -> None:
    answer = api.delete(f"cases/{case.number}")
    assert (answer.status_code, set(answer["Allow"].split(", "))) == (405, {"GET", "PATCH"})
    assert error_of(answer)["sentence"] == "DELETE is not for this address; it knows GET, PATCH."


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_only_json_is_taken(sofia: User, case: Case, content_type: str) -> None:
    browser = Client()
    browser.force_login(sofia)
    hers = caller(sofia)
    for client, headers in ((browser, {}), (hers.client, hers.headers)):
        answer = client.generic(
            "POST", f"/api/v1/cases/{case.number}/notes", b'{"text": "x"}', content_type=content_type, headers=headers
        )
        assert (answer.status_code, error_of(answer)["code"]) == (415, "content_type")


def test_a_body_that_is_too_large_is_refused(api: Caller, case: Case, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = api.post(f"cases/{case.number}/notes", {"text": "x" * 2000})
    assert (answer.status_code, error_of(answer)["code"]) == (413, "too_large")


def test_what_breaks_here_is_said_in_json_and_logged(
    api: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("caseloop.api.cases.page_of", lambda *_: 1 / 0)
    answer = api.get("cases")
    assert (answer.status_code, error_of(answer)["code"]) == (500, "broken")
    assert "ZeroDivisionError" in caplog.text


def test_answers_are_not_kept_by_anybody_between(api: Caller, case: Case) -> None:
    assert api.get(f"cases/{case.number}")["Cache-Control"] == "no-store"


def test_errors_say_everything_at_once(api: Caller) -> None:
    answer = api.post("cases", {"title": 7, "priority": "x"})
    assert error_of(answer)["sentence"].endswith("(2 more to mend.)")
    assert json.loads(answer.content)["error"]["field"] == "title"

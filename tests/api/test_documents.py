"""Is the API described: every route, parameter and field, and a page whose examples work?"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from caseloop.accounts.models import ApiToken, User
from caseloop.api.scopes import Scope
from caseloop.cases.models import Case, Queue
from caseloop.cli import main
from tests import cast, factories
from tests.api.conftest import ALL, Caller, caller

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[2] / "docs" / "guide" / "api.md"


@pytest.fixture
def document(api: Caller) -> dict[str, Any]:
    answer = api.get("openapi.json")
    assert answer["Content-Type"].startswith("application/json")
    document: dict[str, Any] = answer.json()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_description_is_for_those_who_may_come_in(sofia: User, at_monday: datetime) -> None:
    assert Caller().get("openapi.json").status_code == 401
    assert caller(sofia, []).get("openapi.json").status_code == 200
    browser = Client()
    browser.force_login(sofia)
    assert browser.get("/api/v1/openapi.json").status_code == 200


def test_every_route_has_a_summary_and_a_name_of_its_own(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    names = []
    for route, operation in operations(document):
        assert len(operation["summary"].split()) >= 3, route
        assert not operation["summary"].endswith("."), route
        assert "Scope: `" in operation["description"] or "Any token" in operation["description"], route
        assert {"401", "403", "404", "422"} < set(operation["responses"]), route
        assert operation["security"] == [{"Token": []}, {"Session": []}], route
        names.append(operation["operationId"])
    assert len(names) == len(set(names)) > 60


def test_every_parameter_and_every_field_says_what_it_is(document: dict[str, Any]) -> None:
    for route, operation in operations(document):
        for parameter in operation["parameters"]:
            is_id = parameter["in"] == "path"
            assert is_id or parameter["description"].endswith("."), (route, parameter["name"])
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            assert said.get("description", "").endswith("."), (name, field)


def test_every_time_says_its_zone_or_its_offset(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            if "date-time" in json.dumps(said):
                assert re.search(r"\(UTC\)|offset|time of return", said["description"]), (name, field)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert found <= set(document["components"]["schemas"])


def test_nothing_is_loaded_from_elsewhere(api: Caller) -> None:
    for path in ("docs", "", "redoc"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/json"


def examples() -> list[tuple[str, int]]:
    """The curl lines of the page, each with the status that it promises."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    matches = [re.fullmatch(r"(curl .*?)  # (\d{3})", line) for line in lines]
    assert all(matches), lines
    return [(match[1], int(match[2])) for match in matches if match]


def run(command: str, client: Client, secret: str) -> Any:
    """What curl would do with `-X`, `-H`, `--json` and one address."""
    words = iter(shlex.split(command.replace("$CASELOOP", "").replace("$TOKEN", secret))[1:])
    method, address, body, headers = "", "", None, {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "--json":
            body = next(words)
        else:
            address = word
    method = method or ("GET" if body is None else "POST")
    kind = {"content_type": "application/json"} if body is not None else {}
    return client.generic(method, address, body or "", headers=headers, **kind)


def test_the_examples_of_the_page_work_in_their_order(sofia: User, at_monday: datetime) -> None:
    case = factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)
    Case.objects.filter(pk=case.pk).update(number="CAS-01042-K7")
    case.refresh_from_db()
    cast.mail_out(case, at_monday - 3 * cast.DAY)
    due = factories.case("Contoso Coffee: steam wand", now=at_monday - 11 * cast.DAY, owner=sofia)
    cast.mail_out(due, at_monday - 3 * cast.DAY)
    cast.suggested_follow_up(due, at_monday, cast.series(due, at_monday - 3 * cast.DAY), id=7)
    Queue.objects.get_or_create(pk=1, defaults={"name": "Spare parts"})
    secret = ApiToken.issue(sofia, "page", ALL)[1]

    listed = examples()
    assert len(listed) >= 15
    for command, status in listed:
        answer = run(command, Client(), secret)
        assert answer.status_code == status, (command, answer.text)


def test_the_page_names_every_scope() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{scope}`" in text for scope in Scope)


def test_the_command_prints_the_secret_alone(
    sofia: User, at_monday: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", "sofia", "night report", "--scope", "cases:read", "--scope", "mail:read"]) == 0
    printed = capsys.readouterr()
    secret = printed.out.strip()
    assert secret.startswith("cl_")
    assert secret not in printed.err
    assert Caller(secret).get("me").json()["scopes"] == ["cases:read", "mail:read"]

    assert main(["token", "sofia", "night report", "--revoke"]) == 0
    assert Caller(secret).get("me").status_code == 401
    assert main(["token", "sofia", "night report", "--revoke"]) == 1
    assert "caseloop: “sofia” has no token “night report”" in capsys.readouterr().err

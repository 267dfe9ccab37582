"""Every route for everybody: nobody, an auditor, another team, a representative, managers, and tokens of all kinds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from caseloop.accounts.models import ApiToken, User
from caseloop.api.scopes import Scope
from tests.api import world
from tests.api.conftest import ALL, Caller, caller, error_of
from tests.api.world import World

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Row:
    """What the route answers those who may; `outsider` is a representative of another team.

    `{words}` are ids of the world; `managers` routes are not for representatives.
    """

    method: str
    path: str
    scope: str
    body: dict[str, Any] | None = None
    ok: int = 200
    outsider: int = 404
    managers: bool = False
    auditor: int | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def read(path: str, scope: str = "cases:read", outsider: int = 404, **more: Any) -> Row:
    return Row("GET", path, scope, outsider=outsider, **more)


def listed(path: str, scope: str = "cases:read") -> Row:
    return read(path, scope, outsider=200)


def act(method: str, path: str, body: dict[str, Any] | None = None, scope: str = "cases:write", **more: Any) -> Row:
    return Row(method, path, scope, body, **more)


def managed(method: str, path: str, body: dict[str, Any] | None = None, scope: str = "rules:write", **more: Any) -> Row:
    return Row(method, path, scope, body, outsider=403, managers=True, **more)


RULE = {"name": "New rule", "waits": ["48 hours"], "follow_ups": 1, "trigger_context": True}
MAIL = {"to": ["anna@cafe.example"], "subject": "Burrs", "body": "They come tomorrow."}

TABLE = [
    Row("GET", "me", "", outsider=200),
    Row("PUT", "me/absence", "", {"until": "2026-12-01T08:00:00+01:00"}, outsider=200, auditor=200),
    listed("cases"),
    act("POST", "cases", {"title": "Pump", "queue_id": "{queue}"}, ok=201, outsider=422),
    read("cases/{case}"),
    act("PATCH", "cases/{case}", {"version": "{version}", "title": "Pump"}),
    read("cases/{case}/plan"),
    act("PUT", "cases/{case}/owner", {"owner_id": "{owner}"}),
    act("PUT", "cases/{case}/status-reason", {"status_reason_id": "{details}"}),
    act("PUT", "cases/{case}/queue", {"queue_id": "{queue}"}),
    act("PUT", "cases/{case}/contact", {"contact_id": "{contact}"}),
    act("PUT", "cases/{case}/hold", {"until": "2026-12-01T08:00:00+01:00"}),
    act("DELETE", "cases/{case}/hold"),
    act("PUT", "cases/{case}/automation", {"is_allowed": False}),
    act("POST", "cases/{case}/resolution", {"status_reason_id": "{solved}", "text": "New burrs"}),
    act("POST", "cases/{resolved}/reopening", {"reason": "Jams again"}),
    act("POST", "cases/{case}/cancellation", {"status_reason_id": "{cancelled}"}),
    read("cases/{case}/timeline"),
    act("POST", "cases/{case}/notes", {"text": "Worn burrs"}, ok=201),
    act("POST", "cases/{case}/contacts-log", {"kind": "visit", "direction": "out"}, ok=201),
    act("POST", "cases/{case}/work", {"kind": "task", "subject": "Send burrs"}, ok=201),
    act("POST", "activities/{activity}/completion"),
    act("POST", "activities/{activity}/dropping"),
    read("cases/{case}/messages", "mail:read"),
    act("POST", "cases/{case}/messages", MAIL, "mail:write", ok=201),
    read("messages/{mail}", "mail:read"),
    act("POST", "messages/{mail}/opening"),
    act("POST", "messages/{waiting_mail}/withdrawal", None, "mail:write"),
    act("POST", "messages/{unconfirmed}/settlement", {"was_sent": False}, "mail:write"),
    act("PUT", "messages/{mail}/reading", {"label": "question"}, "mail:write"),
    listed("suggested-actions"),
    read("suggested-actions/{action}"),
    act("POST", "suggested-actions/{action}/approval", {}, "mail:write"),
    act("POST", "suggested-actions/{approved}/withdrawal", None, "mail:write"),
    act("POST", "suggested-actions/{action}/discard"),
    act("POST", "suggested-actions/{action}/completion"),
    act("POST", "suggested-actions/{action}/feedback", {"thumbs": 1}),
    listed("series"),
    act("POST", "cases/{case}/skip"),
    act("POST", "cases/{case}/stop"),
    act("POST", "cases/{answered}/continuation"),
    act("POST", "cases/{answered}/no-reply-needed"),
    listed("doubts", "mail:read"),
    act("POST", "doubts/{doubt}/answer", {"answer": "no"}, "mail:write"),
    listed("contacts"),
    act("POST", "contacts", {"name": "Ben", "addresses": ["ben@cafe.example"]}, ok=201, outsider=201),
    read("contacts/{contact}"),
    listed("organizations"),
    read("organizations/{organization}"),
    listed("queues"),
    read("queues/{queue}"),
    listed("status-reasons"),
    read("status-reasons/{solved}", outsider=200),
    listed("users"),
    managed("GET", "rules", None, "rules:read"),
    managed("POST", "rules", RULE, ok=201),
    managed("PUT", "rules/order", {"rule_ids": ["{spare}", "{rule}"]}),
    managed("GET", "rules/{rule}", None, "rules:read"),
    managed("PUT", "rules/{spare}", RULE),
    managed("POST", "rules/{spare}/activation", {}),
    managed("POST", "rules/{rule}/deactivation", {"series_may_finish": True}),
    managed("POST", "rules/{spare}/shadow"),
    managed("POST", "rules/{rule}/allowance"),
    managed("GET", "protections", None, "rules:read"),
    managed("POST", "protections", {"name": "VIP", "effect": "never", "queue_id": "{queue}"}, ok=201),
    managed("DELETE", "protections/{protection}", ok=204),
    managed("GET", "pauses", None, "rules:read"),
    managed("POST", "pauses", {"reason": "Christmas"}, ok=201),
    managed("POST", "pauses/{pause}/ending"),
    managed("GET", "settings", None, "settings:read"),
    managed("PUT", "settings/master-switch", {"is_on": True}, "settings:write"),
    managed("PUT", "settings/sending-stop", {"is_stopped": True}, "settings:write"),
    managed("GET", "mailboxes", None, "settings:read"),
    managed("GET", "mailboxes/{mailbox}", None, "settings:read"),
]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_each_caller_gets_the_status_that_fits(row: Row, at_monday: datetime) -> None:
    here = world.make(at_monday)
    assert gotten(row, here) == expected(row)


def expected(row: Row) -> dict[str, int]:
    is_reading = row.method == "GET"
    return {
        "nobody": 401,
        "revoked token": 401,
        "token without the scope": 403 if row.scope else row.ok,
        "token with every other scope": 403 if row.scope else row.ok,
        "auditor": row.auditor or (row.ok if is_reading else 403),
        "other team": row.outsider,
        "representative": 403 if row.managers else row.ok,
        "manager": row.ok,
        "administrator": row.ok,
    }


def gotten(row: Row, here: World) -> dict[str, int]:
    others = [scope for scope in ALL if scope != row.scope]
    callers = {
        "nobody": Caller(),
        "revoked token": revoked(here.ada, here),
        "token without the scope": caller(here.ada, []),
        "token with every other scope": caller(here.ada, others),
        "auditor": caller(here.halima),
        "other team": caller(here.otto),
        "representative": caller(here.sofia, [row.scope]),
        "manager": caller(here.marta, [row.scope]),
        "administrator": caller(here.ada),
    }
    return {name: status_of(row, each, here) for name, each in callers.items()}


def status_of(row: Row, each: Caller, here: World) -> int:
    """What it does is undone, so that the next caller finds the same world; every refusal has the one shape."""
    with transaction.atomic():
        answer: Any = each.send(row.method, row.path.format(**here.ids), filled(row.body, here.ids))
        transaction.set_rollback(True)
    if answer.status_code >= 400:
        error_of(answer)
    return int(answer.status_code)


def filled(body: Any, ids: dict[str, int | str]) -> Any:
    match body:
        case dict():
            return {key: filled(value, ids) for key, value in body.items()}
        case list():
            return [filled(value, ids) for value in body]
        case str() if body.startswith("{"):
            return ids[body.strip("{}")]
    return body


def revoked(user: User, here: World) -> Caller:
    token, secret = ApiToken.issue(user, "old", ALL)
    token.revoked_at = token.created_at
    token.save()
    return Caller(secret)


def test_the_table_has_every_route(api: Caller) -> None:
    document = api.get("openapi.json").json()
    described = {
        (method.upper(), without_names(path.removeprefix("/api/v1/")))
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert described == {(row.method, without_names(row.path)) for row in TABLE}


def without_names(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_scopes_are_those_that_are_documented(api: Caller) -> None:
    described = json.dumps(api.get("openapi.json").json())
    assert {row.scope for row in TABLE if row.scope} == {scope.value for scope in Scope}
    for scope in Scope:
        assert f"Scope: `{scope}`." in described


def test_a_session_reads_without_a_csrf_token_and_changes_with_one(sofia: User, at_monday: datetime) -> None:
    here = world.make(at_monday)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(here.sofia)
    path = f"/api/v1/cases/{here.ids['case']}"
    assert browser.get(path).status_code == 200

    note: dict[str, Any] = {"data": {"text": "Worn"}, "content_type": "application/json"}
    refused = browser.post(f"{path}/notes", **note)
    assert (refused.status_code, error_of(refused)["code"]) == (403, "csrf")
    browser.get("/me")
    token = browser.cookies["csrftoken"].value
    assert browser.post(f"{path}/notes", **note, headers={"X-CSRFToken": token}).status_code == 201


def test_a_wrong_token_is_not_made_good_by_a_session(sofia: User, at_monday: datetime) -> None:
    browser = Client()
    browser.force_login(sofia)
    assert browser.get("/api/v1/me").json()["scopes"] is None
    for header in ("Bearer cl_wrong", "Bearer ", "Basic c29maWE6eA==", "cl_wrong", ""):
        answer = browser.get("/api/v1/me", headers={"authorization": header})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer"), header


def test_a_token_ends_with_its_user(sofia: User, at_monday: datetime) -> None:
    hers = caller(sofia)
    assert hers.get("me").status_code == 200
    User.objects.filter(pk=sofia.pk).update(is_active=False)
    assert hers.get("me").status_code == 401


def test_nobody_acts_as_the_automation(db: None, at_monday: datetime) -> None:
    assert caller(User.objects.application_user()).get("me").status_code == 401


def test_the_secret_of_a_token_is_kept_nowhere(sofia: User) -> None:
    token, secret = ApiToken.issue(sofia, "tests", ALL)
    assert secret.startswith("cl_")
    assert secret not in {str(value) for value in vars(token).values()}
    assert len(secret) >= 43

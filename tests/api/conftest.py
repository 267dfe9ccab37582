"""Who calls the API in tests: people with tokens and sessions, at Monday 23 November 2026, 10:14 UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from caseloop.accounts.models import ApiToken, Role, User
from caseloop.api.scopes import Scope
from caseloop.cases.models import Case
from tests import cast, factories

ALL = [scope.value for scope in Scope]


class Caller:
    """Somebody with a token, or nobody; what they get is the answer."""

    def __init__(self, secret: str = "") -> None:
        self.headers = {"authorization": f"Bearer {secret}"} if secret else {}
        self.client = Client()

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)

    def put(self, path: str, body: Any = None) -> Any:
        return self.send("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path, None)

    def send(self, method: str, path: str, body: Any) -> HttpResponse:
        """`body` is sent as JSON; None sends none."""
        if method == "GET":
            return self.get(path)
        if body is None:
            return self.client.generic(method, f"/api/v1/{path}", headers=self.headers)
        sending = getattr(self.client, method.lower())
        return sending(f"/api/v1/{path}", body, content_type="application/json", headers=self.headers)


def caller(user: User, scopes: list[str] | None = None) -> Caller:
    """With a token of this user; without `scopes` it has all of them."""
    return Caller(ApiToken.issue(user, "tests", ALL if scopes is None else scopes)[1])


@pytest.fixture
def api(sofia: User, at_monday: datetime) -> Caller:
    """Sofia, a representative."""
    return caller(sofia)


@pytest.fixture
def boss(db: None) -> User:
    return factories.user("marta", Role.MANAGER, display_name="Marta Lind")


@pytest.fixture
def as_boss(boss: User, at_monday: datetime) -> Caller:
    return caller(boss)


@pytest.fixture
def reading_only(auditor: User, at_monday: datetime) -> Caller:
    """Halima, an auditor, whose token has every scope."""
    return caller(auditor)


@pytest.fixture
def case(sofia: User, at_monday: datetime) -> Case:
    """On hold, eleven days old; our last mail went out three days ago."""
    made = factories.case("Contoso Coffee: grinder jams", now=at_monday - 11 * cast.DAY, owner=sofia)
    cast.mail_out(made, at_monday - 3 * cast.DAY)
    return made


Said = Callable[[Any], dict[str, Any]]


def error_of(answer: Any) -> dict[str, Any]:
    """The one shape of a refusal."""
    body = answer.json()
    assert set(body) == {"error"}, body
    assert {"sentence", "code"} <= set(body["error"]) <= {"sentence", "code", "field", "blockers"}
    assert body["error"]["sentence"][0].isupper() or body["error"]["sentence"][0] == "“"
    assert body["error"]["sentence"].endswith((".", ".)")), body
    return body["error"]

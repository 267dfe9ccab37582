"""Who is calling, and may they come in? By token, or by the session of somebody who is signed in (spec 9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from caseloop.accounts.access import SAFE_METHODS
from caseloop.accounts.models import ApiToken, Role, User
from caseloop.api.refusals import Refused
from caseloop.api.scopes import Scope


@dataclass(frozen=True, slots=True)
class Gate:
    """What a route asks of its caller. `for_managers` is the sentence for those who may not configure; auditors look.

    `parameters` are those that the route knows; `is_personal` ones are for auditors, too.
    """

    scope: Scope | None
    for_managers: str = ""
    parameters: frozenset[str] = frozenset()
    is_personal: bool = False


def ways_in(gate: Gate) -> list[Any]:
    """A token decides alone where one is shown: a wrong one is never made good by a session."""
    return [Token(gate), Session(gate)]


class Token(HttpBearer):
    """`Authorization: Bearer cl_…`."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def __call__(self, request: HttpRequest) -> User | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise AuthenticationError(message="Show a token: “Authorization: Bearer cl_…”.")
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """The user whose token it is; one that is revoked, or whose user has left, opens nothing."""
        found = (
            ApiToken.objects.select_related("user")
            .filter(digest=ApiToken.digest_of(token), revoked_at=None)
            .filter(user__is_active=True, user__is_application_user=False)
            .first()
        )
        if found is None:
            raise AuthenticationError(message="This token is unknown or was revoked.")
        cast(Any, request).token = found
        return _admitted(request, found.user, self.gate, found.scopes)


class Session(APIKeyCookie):
    """The cookie of somebody who is signed in; what changes something needs the header X-CSRFToken, too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, gate: Gate) -> None:
        super().__init__(csrf=True)
        self.gate = gate

    def __call__(self, request: HttpRequest) -> User | None:
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The signed-in user, or None."""
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return None
        _check_content_type(request)
        if check_csrf(request) is not None:
            raise Refused(403, "csrf", "Send the CSRF token of your session in the header X-CSRFToken.")
        return _admitted(request, user, self.gate, None)


def _admitted(request: HttpRequest, user: User, gate: Gate, scopes: list[str] | None) -> User:
    if scopes is not None and gate.scope is not None and gate.scope not in scopes:
        raise Refused(403, "scope", f"This token has not the scope {gate.scope}. Issue one that has it.")
    is_looking = request.method in SAFE_METHODS
    if not is_looking and not user.may_work and not gate.is_personal:
        raise Refused(403, "not_allowed", "An auditor reads everything and changes nothing.")
    if gate.for_managers and not user.may_configure and not (is_looking and user.role == Role.AUDITOR):
        raise Refused(403, "not_allowed", gate.for_managers)
    _check_content_type(request)
    _check_parameters(request, gate)
    known = cast(Any, request)
    known.user, known.now = user, known.clock()
    return user


def _check_content_type(request: HttpRequest) -> None:
    is_empty = request.META.get("CONTENT_LENGTH") in (None, "", "0")
    if request.method not in SAFE_METHODS and not is_empty and request.content_type != "application/json":
        raise Refused(415, "content_type", "Send JSON, with the header “Content-Type: application/json”.")


def _check_parameters(request: HttpRequest, gate: Gate) -> None:
    for name in request.GET:
        if name not in gate.parameters:
            known = f"known here: {', '.join(sorted(gate.parameters))}" if gate.parameters else "none is known here"
            raise Refused(422, "invalid", f"There is no parameter “{name[:40]}”; {known}.", name[:40])

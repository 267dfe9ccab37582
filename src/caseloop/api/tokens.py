"""Issuing and revoking tokens from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from caseloop.accounts.models import ApiToken, User
from caseloop.api.scopes import Scope


class TokenRefused(Exception):
    """A token that cannot be issued or revoked; the sentence says why. Nothing was changed."""


def issue(username: str, name: str, scopes: Sequence[str]) -> str:
    """The secret of a new token that acts as this user; it is shown once and never again.

    Raises `TokenRefused` for nobody, an unknown or missing scope, or a name that another token of theirs has.
    """
    user = _user(username)
    known = [scope.value for scope in Scope]
    unknown = [scope for scope in scopes if scope not in known]
    if unknown or not scopes:
        said = f"There is no scope “{unknown[0]}”" if unknown else "A token needs a scope"
        raise TokenRefused(f"{said}; there are: {', '.join(known)}.")
    if not name.strip() or len(name) > 100:
        raise TokenRefused("A token needs a name of 1 to 100 characters, saying what uses it.")
    if ApiToken.objects.filter(user=user, name=name, revoked_at=None).exists():
        raise TokenRefused(f"{user} has a token “{name}” already. Revoke it first, or choose another name.")
    return ApiToken.issue(user, name, sorted(set(scopes)))[1]


def revoke(username: str, name: str, now: datetime) -> None:
    """From now on the token of this name opens nothing; raises `TokenRefused` when there is none."""
    rows = ApiToken.objects.filter(user=_user(username), name=name, revoked_at=None)
    if not rows.update(revoked_at=now):
        raise TokenRefused(f"“{username}” has no token “{name}” that could be revoked.")


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True, is_application_user=False).first()
    if user is None:
        raise TokenRefused(f"There is no user “{username}” who can sign in.")
    return user

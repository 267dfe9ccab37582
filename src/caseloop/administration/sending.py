"""Going live, and back to safe start (spec 1.7): whom does mail reach?"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings


class SendingError(Exception):
    """A change of whom mail reaches that was refused; nothing was changed."""


@transaction.atomic
def go_live(*, actor: User) -> GlobalSettings:
    """From now on mail reaches customers; only an administrator decides that."""
    _check(actor)
    settings = GlobalSettings.current()
    settings.is_live = True
    settings.save()
    return settings


@transaction.atomic
def start_safely(addresses: Sequence[str], redirect: str, *, actor: User) -> GlobalSettings:
    """Mail reaches only these addresses, or all of it one address; what goes elsewhere is held."""
    _check(actor)
    wanted = [address.strip().lower() for address in addresses]
    for address in [*wanted, *([redirect] if redirect else [])]:
        try:
            validate_email(address)
        except ValidationError as error:
            raise SendingError(f"“{address}” is no mail address.") from error
    settings = GlobalSettings.current()
    settings.is_live, settings.safe_addresses, settings.safe_redirect = False, wanted, redirect.lower()
    settings.save()
    return settings


def _check(actor: User) -> None:
    if not actor.is_administrator:
        raise SendingError("Only an administrator decides whom mail reaches. Ask one of them.")

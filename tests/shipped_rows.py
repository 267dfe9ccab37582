"""A test with real transactions empties the tables afterwards; this brings back the rows that migrations ship."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

SHIPPING = {
    "cases": "caseloop.cases.migrations.0002_shipped_reasons",
    "administration": "caseloop.administration.migrations.0002_defaults",
}


def keep() -> None:
    """Django sends `post_migrate` after each emptying, too; from now on the shipped rows are put back then."""
    post_migrate.connect(_ship, dispatch_uid="shipped rows")


def put_back() -> None:
    """The shipped rows stand there again, whatever the test before did; what is there already stays."""
    for path in SHIPPING.values():
        import_module(path).ship(apps, None)


def _ship(sender: AppConfig, **kwargs: Any) -> None:
    if sender.label in SHIPPING:
        import_module(SHIPPING[sender.label]).ship(apps, None)

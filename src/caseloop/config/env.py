"""Which settings does the environment give, and what is wrong with one that is not of its kind?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


class BadSetting(Exception):
    """A setting in the environment is missing or odd; the sentence says which and what would do."""


TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """The setting's text without surrounding white space, or `default` where it is not set."""
    return environ.get(name, default).strip()


def flag(name: str, default: bool = False, environ: Mapping[str, str] = os.environ) -> bool:
    """True or false; raises `BadSetting` for any other word."""
    raw = environ.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise BadSetting(f"{name} is {raw!r}. Use one of: 1, 0, true, false, yes, no, on, off.")


def number(name: str, default: int, low: int, high: int, environ: Mapping[str, str] = os.environ) -> int:
    """A whole number between `low` and `high`; raises `BadSetting` for anything else."""
    raw = environ.get(name)
    if raw is None or not raw.strip():
        return default
    try:
        value = int(raw)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise BadSetting(f"{name} is {raw!r}. Use a whole number from {low} to {high}.")
    return value


def words(name: str, default: str = "", environ: Mapping[str, str] = os.environ) -> list[str]:
    """A list separated by commas; empty entries are left out."""
    return [word.strip() for word in environ.get(name, default).split(",") if word.strip()]


def path(name: str, default: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """A folder or file; a leading `~` is the home folder."""
    raw = text(name, environ=environ)
    return Path(raw).expanduser() if raw else default

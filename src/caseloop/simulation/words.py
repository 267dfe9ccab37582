"""What do the people of the simulation write?"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("en", "de", "fr")


def said(language: str, what: str) -> str:
    """The words of that kind in the language."""
    text: str = _words()[language][what]
    return text


def problems(language: str) -> list[tuple[str, str]]:
    """Titles of problems, with the mail that describes each."""
    return [(title, text) for title, text in _words()[language]["problems"]]


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(resources.files(__package__).joinpath("words.yaml").read_text("utf-8"))
    return loaded

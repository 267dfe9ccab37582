"""What does the next page say about what was just done?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def toast(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Done; `undo` is the address that takes it back, offered for ten seconds."""
    messages.success(request, text, extra_tags=undo)


def problem(request: HttpRequest, text: str) -> None:
    """Not done, and why; it stays until the page is left."""
    messages.error(request, text)

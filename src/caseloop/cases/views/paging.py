"""Which part of a long list is shown, and what lies before and after it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
LAST_PAGE = 1000  # nobody pages further; a filter finds it sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """The rows of one page; `first` and `last` are their numbers in the list, `total` is capped."""

    rows: Sequence[Row]
    number: int
    first: int
    last: int
    total: int
    has_next: bool


def page_of(rows: QuerySet[Row], asked: str, *, size: int, total: int) -> Page[Row]:
    """The page whose number is `asked`; anything that is no number is the first page."""
    number = min(max(int(asked), 1), LAST_PAGE) if asked.isdecimal() else 1
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    return Page(
        rows=found[:size],
        number=number,
        first=start + 1 if found else 0,
        last=start + min(len(found), size),
        total=total,
        has_next=len(found) > size,
    )

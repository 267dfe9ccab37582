"""How are long lists read? Page by page, each with the same fields around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from pydantic import BaseModel, Field

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class Paging(BaseModel):
    """The parameters of every list."""

    page: int = Field(
        default=1, ge=1, le=1000, description="Which page, from 1; at most 1000: a filter finds it sooner."
    )
    page_size: int = Field(default=25, ge=1, le=100, description="How many items on a page, 1 to 100.")


class PageOf(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="The items of this page, in the order that the route says.")
    page: int = Field(description="The number of this page, from 1.")
    page_size: int = Field(description="How many items a full page has.")
    has_next: bool = Field(description="Whether another page follows.")


def page_of(rows: QuerySet[Any], asked: Paging, say: Callable[[Any], Item]) -> PageOf[Item]:
    """The page that was asked for; one query, whatever its size."""
    start = (asked.page - 1) * asked.page_size
    found = list(rows[start : start + asked.page_size + 1])
    return PageOf(
        items=[say(row) for row in found[: asked.page_size]],
        page=asked.page,
        page_size=asked.page_size,
        has_next=len(found) > asked.page_size,
    )

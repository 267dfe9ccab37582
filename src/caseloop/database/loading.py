"""How do hundreds of rows become objects without a call of `setattr` for each of their values?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class QuickLoading(models.Model):
    """For models that come in hundreds.

    An object is what Django makes it, only that no `pre_init` and `post_init` are sent and that fields with an
    attribute of their own (files, images) don't belong into such a model.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        if more:  # what a later Django wants to know besides
            return super().from_db(db, field_names, values, **more)
        new = cls.__new__(cls)
        state = ModelState()
        state.adding, state.db = False, db
        new.__dict__.update(zip(field_names, values, strict=True), _state=state)
        return new

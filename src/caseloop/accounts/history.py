"""How do we keep the history of what people configure? One event row per change, written by the database."""

from __future__ import annotations

from typing import Any

import pghistory
import pghistory.models
import pghistory.trigger
import pgtrigger
from django.db import models


class HistoryEvent(pghistory.models.Event):
    """The base of all event tables: a 64-bit key, since events outnumber what they describe."""

    pgh_id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True


class SetInsertEvent(pghistory.InsertEvent):
    """An event for each new row, written once per statement: a trigger per row takes three times as long as its event.

    For tables that are written in sets.
    """

    level = pgtrigger.Statement


class SetUpdateEvent(pghistory.UpdateEvent):
    """An event for each row of which a tracked column has changed, written once per statement."""

    def add_event_trigger(self, event_model: Any) -> None:
        trigger = _SetUpdateTrigger(  # type: ignore[no-untyped-call]
            event_model=event_model,
            label=self.label,
            name=self.trigger_name,
            row=self.row,
            operation=self.operation,
            condition=self.condition,
            level=pgtrigger.Statement,
        )
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


class _SetUpdateTrigger(pghistory.trigger.Event):
    """Old and new rows are joined by a full join, since PostgreSQL has no nested loop for that.

    It plans the trigger's statement once per session, perhaps for one row, and keeps the plan: the nested loop that an
    inner join gets then takes hours for a hundred thousand rows.
    """

    def get_func_template_kwargs(self, model: models.Model) -> dict[str, Any]:
        known: dict[str, Any] = super().get_func_template_kwargs(model)
        return known | {"cond_new_values": known["cond_new_values"].replace(" JOIN ", " FULL JOIN ", 1)}
